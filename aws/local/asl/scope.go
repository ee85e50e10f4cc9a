package asl

import "github.com/stepdeck/stepdeck/aws/local/jsonv"

// Scope is what the expressions of a state can see besides its input.
type Scope struct {
	Context *jsonv.Object // the context object: Execution, StateMachine, State, Task, Map
	Vars    *Vars         // may be nil: no variables
}

// Vars are the variables of one scope: the machine's, or a branch's. A branch
// sees its parent's variables and never changes them.
// Vars is safe for concurrent reads only.
type Vars struct {
	parent *Vars
	own    *jsonv.Object
}

// NewVars returns an empty scope inside parent, which may be nil.
func NewVars(parent *Vars) *Vars { return &Vars{parent: parent, own: jsonv.NewObject()} }

// Get returns the value of a variable of this scope or of one around it.
func (v *Vars) Get(name string) (any, bool) {
	for s := v; s != nil; s = s.parent {
		if value, ok := s.own.Get(name); ok {
			return value, true
		}
	}
	return nil, false
}

// Set stores every variable of assigned in this scope. A nil object is no change.
func (v *Vars) Set(assigned *jsonv.Object) {
	for _, name := range assigned.Keys() {
		value, _ := assigned.Get(name)
		v.own.Set(name, value)
	}
}

// Own returns the variables of this scope alone; the caller must not change it.
func (v *Vars) Own() *jsonv.Object { return v.own }

// all returns every visible variable; inner ones hide outer ones.
func (v *Vars) all() *jsonv.Object {
	if v == nil {
		return jsonv.NewObject()
	}
	o := v.parent.all()
	for _, name := range v.own.Keys() {
		value, _ := v.own.Get(name)
		o.Set(name, value)
	}
	return o
}
