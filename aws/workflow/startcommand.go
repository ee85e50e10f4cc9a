package workflow

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// StartCommand is the command that starts the same run: with flags where the
// input is made of the managed machine's parameters alone, else with the input
// on its standard input. place are the flags that choose profile and region.
func StartCommand(machine, name, input string, managed bool, place []string) string {
	words := []string{"stepdeck", "start", machine}
	o := OverridesOf(input)
	again, err := o.Input("")
	if !managed || err != nil || canonical(again) != canonical(input) {
		return "printf %s " + QuoteWord(input) + " | " + quoted(slices.Concat(words, []string{"--input", "-", "--name", name}, place))
	}
	flag := func(name, value string) {
		if value != "" {
			words = append(words, name, value)
		}
	}
	for _, variable := range slices.Sorted(maps.Keys(o.Env)) {
		flag("-e", variable+"="+o.Env[variable])
	}
	flag("--capacity", o.Capacity)
	flag("--cpu", numeral(o.CPU))
	flag("--memory", numeral(o.Memory))
	if o.Timeout > 0 {
		flag("--timeout", InputField{Kind: FieldSeconds}.Show(strconv.Itoa(int(o.Timeout.Seconds()))))
	}
	flag("--overlap", o.Overlap)
	flag("--name", name)
	words = append(words, place...)
	if len(o.Args) > 0 {
		words = append(append(words, "--"), o.Args...)
	}
	return quoted(words)
}

func numeral(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func quoted(words []string) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = QuoteWord(w)
	}
	return strings.Join(out, " ")
}

// canonical writes equal JSON equally; what is none as it is.
func canonical(input string) string {
	doc, err := ParseDocument(input)
	if err != nil {
		return input
	}
	return doc.Canonical()
}
