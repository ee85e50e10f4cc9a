package triage

import (
	"regexp"
	"strings"
	"sync"

	"github.com/stepdeck/stepdeck/aws/safe"
)

// Rules go by words, and words have other trades: a graph has connections, a
// party a host. Before a job's own sentence is relied on, it is held against what
// machines speak of: one that has the shape of a program's message is taken at its
// word, and else its nouns must be of the trade.

// ofPrograms is what only programs write: who speaks, codes, names of errors and
// of calls, addresses, paths.
var ofPrograms = regexp.MustCompile(`` +
	`(?:^|[\s(])(?i:mysql\w*|mariadb\S*|pg\w*|psql|sqlite\S*|mongo\w*|redis\S*|aws|curl|wget|ssh|scp|sftp|rsync|ping|dig|nslookup|gzip|gunzip|bzip2|xz|zstd|lz4|tar|zip|unzip|` +
	`cp|mv|cat|ls|dd|sh|bash|zsh|env|exec|node|npm|python3?|pip|perl|ruby|php|java|go|docker|runc|openssl|convert\S*|magick|ffmpeg|\w+[-_.][\w.-]+)(?:\[\d+\])?: ` +
	`|\b(?i:error|errno|errcode|code|sqlstate|signal|status)[ :=#(]{1,2}-?\d{2,}` +
	`|\b(?:ORA|TNS|SQL|SQLSTATE|HY|ERR|MY|DB|SP|PLS)-?\d{2,}\b|\bSIG[A-Z]{3,}|\bE(?:CONN|HOST|NET|NO|TIMEDOUT|AI|ACCES|PIPE|PERM|DQUOT|MFILE|NFILE)\w*\b` +
	`|\b[A-Za-z][a-z0-9]+(?:[A-Z][a-z0-9]+)+\b` +
	`|\b[A-Za-z]+_\w+|\w\(\)|[A-Za-z]\w*\.\w+\.\w+` +
	`|\d{1,3}(?:\.\d{1,3}){3}|\b[A-Za-z]\w*:\d{3,5}\b|://|\barn:|(?:^|[\s'"(])~?/\w`)

// trade are words of machines at work beyond those of the rules.
const trade = "api application apps backend backup bandwidth binary block broker buffer byte cache call child client cloud cluster code command commit compress " +
	"config configuration connect consumer container core cpu credential cron daemon database db deploy dir directory dns domain driver dump dumped dumper " +
	"encoding endpoint ephemeral engine entrypoint env event exception exit file firewall flag flush folder footer frame function gateway gb gib gzip handle handler header heap " +
	"host hostname http https iam id image index init inode input insert instance interface ip issuer java javascript job json kb kernel key kib kill killed kubernetes lambda layer library " +
	"limit linux listener load loader loading local log login loop machine mb memory message metadata method mib migration mode module mount name nat network null object " +
	"offset open operation option os out output overflow package packet parameter parse parser partition password path payload peer permission pipe platform plugin pod pointer pool port " +
	"postgres postgresql primary prefix process processes producer profile program protocol proxy psql python query queue quota ram read reader region registry remote replica replication " +
	"request reserved resource response result retry role rollback root router runtime s3 sample schema scope script secret section segment select server service session setting setup " +
	"shell signature slave slot snapshot socket sort source space span spark sql sqs sns ssh ssl stack standby statement stdin stdout stderr step storage stream string subnet subprocess superuser swap " +
	"symbol sync syntax syscall system table target task tcp template temporary temp terminal thread timeout tls token tool trace traffic transaction transfer type udp unit update upload " +
	"uploading uri url user username usage utf utf8 value variable version volume vpc web window worker workflow write writer xml yaml zone archive authority peer footer trailer trust trusted untrusted " +
	"dumping reading writing connecting uploading downloading restoring copying fetching starting running dialing"

// technical are words of the trade that have no other.
const technical = "database db sql mysql mariadb postgres postgresql oracle mongo redis tcp udp tls ssl ssh dns http https socket s3 kernel heap memory filesystem " +
	"stdin stdout stderr docker aws ecs iam hostname endpoint gzip zstd"

// plainWords carry no trade.
const plainWords = "a about above after again against all already also always an and another any anything are as at away back be because been before began begin being below beside between both but by " +
	"can could did do does doing done down during each either else end ended ends even ever every everything far few final finally first for four found from full further gave get gets give given gives giving go goes going gone got " +
	"had half has have having he her here his how however i if in instead into is it its itself just keep kept last later least left less let long longer look looked looking made make makes making many may maybe me middle might more most much " +
	"must my near need needed needs never new next no nobody none nor not nothing now of off often old on once one only onto or other others our own part per perhaps please put quite rather really same saw say says second seconds minute minutes hour hours day days see seems seen several shall she should side since " +
	"so some someone something soon still such take taken takes tell than that the their them then there these they thing third this those though three through thus till times to too took toward tried tries try trying turn turned two under until up upon us use used uses using very via " +
	"wait waiting waited want wants was way we well went were what when where whether which while who whole whom whose why will with within without would yes yet you your time ms s m h x"

// wordsOf are the stems of words, and of those of the rules about jobs if wanted.
func wordsOf(rules bool, texts ...string) map[string]bool {
	known := map[string]bool{}
	add := func(text string) {
		for word := range strings.FieldsSeq(text) {
			known[stem(word)] = true
		}
	}
	for _, text := range texts {
		add(text)
	}
	for i := range allRules {
		if rules && allRules[i].in&inLog != 0 {
			for _, group := range allRules[i].groups {
				add(strings.Join(group, " "))
			}
		}
	}
	return known
}

var (
	plainStems     = sync.OnceValue(func() map[string]bool { return wordsOf(false, plainWords) })
	technicalStems = sync.OnceValue(func() map[string]bool { return wordsOf(false, technical) })
	tradeStems     = sync.OnceValue(func() map[string]bool {
		texts := []string{trade, technical}
		for _, words := range [][]string{troubleWords, consequences, survived, calm, recovered} {
			texts = append(texts, words...)
		}
		return wordsOf(true, texts...)
	})
)

// stem takes the endings off that make one word of several forms.
func stem(word string) string {
	for _, ending := range []string{"ing", "ed", "es", "s", "e"} {
		if rest, ok := strings.CutSuffix(word, ending); ok && len(rest) > 2 {
			return rest
		}
	}
	return word
}

// quotedText is what a sentence cites. A cited name tells nothing of its trade.
var quotedText = regexp.MustCompile("\\B'[^']*'|\"[^\"]*\"|`[^`]*`")

// standing is how far a job's sentence may be taken for one about the machine.
type standing int

const (
	sound   standing = iota
	mixed            // a name or two are of another trade
	foreign          // it may well speak of something else
)

// standingOf weighs the nouns of a sentence that a rule fits: of the part that
// fits by itself, if there is one.
func standingOf(s *signal, r *rule) standing {
	text := s.fact.Text.String()
	if ofPrograms.MatchString(text) {
		return sound
	}
	text = quotedText.ReplaceAllString(text, " ")
	for _, part := range parts.Split(text, -1) {
		if alone := (&signal{plain: plain(part), fact: Fact{Text: safe.Line(part)}}); r.fits(alone) {
			return weigh(alone.plain)
		}
	}
	return weigh(plain(text))
}

// parts divides a sentence.
var parts = regexp.MustCompile(`[:;,.!?()\[\]]+(?:\s+|$)|\s+-+\s+|\bbecause\b`)

func weigh(text string) standing {
	strange, nouns, certain := 0, 0, false
	for word := range strings.FieldsSeq(text) {
		stem := stem(word)
		if strings.ContainsAny(word, "0123456789_/.:$%") || plainStems()[stem] {
			continue
		}
		nouns++
		certain = certain || technicalStems()[stem]
		if !tradeStems()[stem] {
			strange++
		}
	}
	switch {
	case strange == 0:
		return sound
	case certain && 3*strange <= nouns:
		return mixed
	}
	return foreign
}
