// Package e2e holds the tests in which a robot user works the whole console on
// local AWS and judges by what is on the screen.
package e2e
