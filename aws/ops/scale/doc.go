// Package scale holds the tests of the use cases on local AWS, through the real
// clients: at the sizes of real accounts, over random histories, and with
// failures that really happened.
package scale
