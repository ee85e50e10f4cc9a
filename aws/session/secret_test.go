package session_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
)

func TestASecretThatAWSQuotesIsInNoErrorAndNotInTheJournal(t *testing.T) {
	const secret = "correct horse battery staple"
	e := answering(t, 400, fmt.Sprintf(`{"__type":"ValidationException","message":"Value '%s' at 'value' failed to satisfy constraint"}`, secret))
	s := open(t, e.URL, nil)
	_, err := ssm.NewFromConfig(s.Config()).PutParameter(t.Context(), &ssm.PutParameterInput{Name: ptr("/dumps/db/password"), Value: ptr(secret)})
	if err == nil || strings.Contains(err.Error(), secret) || !strings.Contains(err.Error(), "'***' at 'value'") {
		t.Errorf("error %v", err)
	}
	journal, readErr := os.ReadFile(s.Journal().Path())
	if readErr != nil || strings.Contains(string(journal), secret) || !strings.Contains(string(journal), "/dumps/db/password") {
		t.Errorf("journal %s, %v", journal, readErr)
	}
}
