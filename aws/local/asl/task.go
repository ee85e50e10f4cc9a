package asl

// Timeout returns TimeoutSeconds of a Task state, from the literal, the path or
// the expression; set is false when the state has none.
func (s *State) Timeout(sc Scope, raw any) (seconds int64, set bool, err error) {
	return s.limit(sc, raw, "TimeoutSeconds")
}

// Heartbeat returns HeartbeatSeconds of a Task state, as Timeout does.
func (s *State) Heartbeat(sc Scope, raw any) (seconds int64, set bool, err error) {
	return s.limit(sc, raw, "HeartbeatSeconds")
}

func (s *State) limit(sc Scope, raw any, name string) (int64, bool, error) {
	if v, ok := s.fields.Get(name); ok {
		seconds, err := s.count(sc, raw, name, v)
		return seconds, err == nil, err
	}
	source := text(s.fields, name+"Path")
	if source == "" {
		return 0, false, nil
	}
	input, err := s.Input(sc, raw)
	if err != nil {
		return 0, false, err
	}
	v, err := s.pathEnv(sc, input).value(source)
	if err != nil {
		return 0, false, pathFault(source, err)
	}
	seconds, ok := whole(v)
	if !ok || seconds <= 0 {
		return 0, false, runtimeFault("The %sPath field refers to value \"%s\" which is not a positive integer: %s", name, bare(v), source)
	}
	return seconds, true, nil
}

// Credentials returns the evaluated Credentials of a Task state; nil when it
// has none.
func (s *State) Credentials(sc Scope, raw any) (any, error) {
	if s.JSONata {
		return s.orElse(s.queryEnv(sc, "input", raw), "Credentials", nil)
	}
	input, err := s.Input(sc, raw)
	if err != nil {
		return nil, err
	}
	return s.orElse(s.pathEnv(sc, input), "Credentials", nil)
}

// Failure returns error and cause of a Fail state; nil is one it does not give.
func (s *State) Failure(sc Scope, raw any) (errorName, cause *string, err error) {
	if errorName, err = s.failureField(sc, raw, "Error"); err != nil {
		return nil, nil, err
	}
	cause, err = s.failureField(sc, raw, "Cause")
	return errorName, cause, err
}

func (s *State) failureField(sc Scope, raw any, name string) (*string, error) {
	v, ok := s.fields.Get(name)
	if ok && s.JSONata {
		evaluated, err := s.queryEnv(sc, "input", raw).query(v, name)
		if err != nil {
			return nil, err
		}
		if given, ok := evaluated.(string); ok {
			return &given, nil
		}
		return nil, s.typeFault(expressionIn(v), name, "string", evaluated)
	}
	if source := text(s.fields, name+"Path"); source != "" {
		var err error
		if v, err = s.pathEnv(sc, raw).value(source); err != nil {
			return nil, templateFault(name+"Path", raw, err)
		}
		ok = true
	}
	if !ok {
		return nil, nil
	}
	given := bare(v)
	return &given, nil
}
