package asl

import (
	"github.com/stepdeck/stepdeck/aws/local/asl/paths"
	"github.com/stepdeck/stepdeck/aws/local/jsonv"
)

// Input returns the effective input: raw behind InputPath.
func (s *State) Input(sc Scope, raw any) (any, error) {
	if s.JSONata {
		return raw, nil
	}
	return s.pathEnv(sc, raw).pathField(s.fields, "InputPath", raw)
}

// Arguments returns what a Task or Parallel state passes on: the effective
// input behind Parameters, or the JSONata Arguments.
func (s *State) Arguments(sc Scope, raw any) (any, error) {
	if s.JSONata {
		return s.orElse(s.queryEnv(sc, "input", raw), "Arguments", raw)
	}
	input, err := s.Input(sc, raw)
	if err != nil {
		return nil, err
	}
	return s.orElse(s.pathEnv(sc, input), "Parameters", input)
}

// Result returns what a Task, Parallel or Map state hands on when its work
// gave result.
func (s *State) Result(sc Scope, raw, result any) (Outcome, error) {
	if s.JSONata {
		return s.output(s.queryEnv(sc, "input", raw, "result", result), s.fields, "", result)
	}
	e := s.pathEnv(sc, result)
	selected, err := s.orElse(e, "ResultSelector", result)
	if err != nil {
		return Outcome{}, err
	}
	return s.emit(sc, raw, selected, e)
}

// PassResult returns what a Pass, Wait or Succeed state hands on.
func (s *State) PassResult(sc Scope, raw any) (Outcome, error) {
	if s.JSONata {
		return s.output(s.queryEnv(sc, "input", raw), s.fields, "", raw)
	}
	input, err := s.Input(sc, raw)
	if err != nil {
		return Outcome{}, err
	}
	result, ok := s.fields.Get("Result")
	if !ok {
		if result, err = s.orElse(s.pathEnv(sc, input), "Parameters", input); err != nil {
			return Outcome{}, err
		}
	}
	return s.emit(sc, raw, result, s.pathEnv(sc, result))
}

// Result returns what the state hands on to the catcher's Next. errorOutput is
// {"Error": …, "Cause": …}.
func (c *Catcher) Result(sc Scope, s *State, raw any, errorOutput *jsonv.Object) (Outcome, error) {
	if s.JSONata {
		e := s.queryEnv(sc, "input", raw, "errorOutput", errorOutput)
		return s.output(e, c.fields, c.place+"/", errorOutput)
	}
	assigned, err := s.pathEnv(sc, errorOutput).assign(c.fields, c.place+"/")
	if err != nil {
		return Outcome{}, err
	}
	output, err := place(c.fields, raw, errorOutput)
	return Outcome{Output: output, Assigned: assigned}, err
}

// emit applies ResultPath, OutputPath and Assign.
func (s *State) emit(sc Scope, raw, result any, assigning env) (Outcome, error) {
	merged, err := place(s.fields, raw, result)
	if err != nil {
		return Outcome{}, err
	}
	output, err := s.pathEnv(sc, merged).pathField(s.fields, "OutputPath", merged)
	if err != nil {
		return Outcome{}, err
	}
	assigned, err := assigning.assign(s.fields, "")
	return Outcome{Output: output, Assigned: assigned}, err
}

// output evaluates the JSONata fields Assign and Output.
func (s *State) output(e env, fields *jsonv.Object, prefix string, absent any) (Outcome, error) {
	assigned, err := e.assign(fields, prefix)
	if err != nil {
		return Outcome{}, err
	}
	output := absent
	if template, ok := fields.Get("Output"); ok {
		if output, err = e.query(template, prefix+"Output"); err != nil {
			return Outcome{}, err
		}
	}
	return Outcome{Output: output, Assigned: assigned}, nil
}

// orElse evaluates a template field; absent is its value when it is not there.
func (s *State) orElse(e env, name string, absent any) (any, error) {
	template, ok := s.fields.Get(name)
	if !ok {
		return absent, nil
	}
	return e.field(name, template)
}

// pathField evaluates InputPath or OutputPath: null gives an empty object.
func (e env) pathField(fields *jsonv.Object, name string, absent any) (any, error) {
	v, ok := fields.Get(name)
	if !ok {
		return absent, nil
	}
	source, ok := v.(string)
	if !ok {
		return jsonv.NewObject(), nil
	}
	found, err := e.value(source)
	if err != nil {
		return nil, pathFault(source, err)
	}
	return found, nil
}

// place puts result into raw at ResultPath; null discards the result.
func place(fields *jsonv.Object, raw, result any) (any, error) {
	v, ok := fields.Get("ResultPath")
	if !ok {
		return result, nil
	}
	source, ok := v.(string)
	if !ok {
		return raw, nil
	}
	path, err := paths.Parse(source)
	if err != nil {
		return nil, pathFault(source, err)
	}
	merged, err := path.Set(raw, result)
	if err != nil {
		return nil, pathFault(source, err)
	}
	return merged, nil
}
