package wire

import (
	"fmt"
	"net/http"
)

// Error is an error as AWS answers it.
type Error struct {
	// Code is the error's type, such as "InvalidArn".
	Code string
	// Message is the text for the user.
	Message string
	// Status is the HTTP status; 0 means 400.
	Status int
	// Fields are further members of the answer's body.
	Fields map[string]any
}

// Errorf is an Error of HTTP status 400.
func Errorf(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Error is the code and the message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

func (e *Error) status() int {
	if e.Status == 0 {
		return http.StatusBadRequest
	}
	return e.Status
}
