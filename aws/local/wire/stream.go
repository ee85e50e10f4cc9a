package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"
)

// Stream writes the messages of an event stream. Its methods may be called
// from several goroutines. The answer's head goes out with the first message,
// so that a handler can still refuse the request before it.
type Stream struct {
	mu      sync.Mutex
	writer  http.ResponseWriter
	encoder *eventstream.Encoder
	started bool
}

func newStream(w http.ResponseWriter) *Stream {
	return &Stream{writer: w, encoder: eventstream.NewEncoder()}
}

// Send writes one event and flushes it.
func (s *Stream) Send(eventType string, payload any) error {
	return s.write("event", ":event-type", eventType, payload)
}

// exception writes an error as the stream's last message.
func (s *Stream) exception(e *Error) error {
	return s.write("exception", ":exception-type", e.Code, map[string]string{"message": e.Message})
}

func (s *Stream) write(messageType, typeHeader, typeName string, payload any) error {
	text, err := json.Marshal(payload)
	if err != nil {
		return fmt.Errorf("encode %s: %w", typeName, err)
	}
	message := eventstream.Message{Payload: text}
	message.Headers.Set(":message-type", eventstream.StringValue(messageType))
	message.Headers.Set(typeHeader, eventstream.StringValue(typeName))
	message.Headers.Set(":content-type", eventstream.StringValue("application/json"))

	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.begin(); err != nil {
		return err
	}
	if err := s.encoder.Encode(s.writer, message); err != nil {
		return fmt.Errorf("send %s: %w", typeName, err)
	}
	if err := http.NewResponseController(s.writer).Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return fmt.Errorf("flush %s: %w", typeName, err)
	}
	return nil
}

// begin answers with the head of an event stream. The SDKs insist on an
// initial-response before any event.
func (s *Stream) begin() error {
	if s.started {
		return nil
	}
	s.started = true
	s.writer.Header().Set("Content-Type", "application/vnd.amazon.eventstream")
	s.writer.WriteHeader(http.StatusOK)
	message := eventstream.Message{Payload: []byte("{}")}
	message.Headers.Set(":message-type", eventstream.StringValue("event"))
	message.Headers.Set(":event-type", eventstream.StringValue("initial-response"))
	message.Headers.Set(":content-type", eventstream.StringValue("application/json"))
	if err := s.encoder.Encode(s.writer, message); err != nil {
		return fmt.Errorf("send initial-response: %w", err)
	}
	return nil
}
