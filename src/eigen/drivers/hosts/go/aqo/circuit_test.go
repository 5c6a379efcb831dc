package aqo

import (
	"errors"
	"testing"

	"eigenos/godriver/failure"
)

func TestWhatIsNoCircuitIsRefused(t *testing.T) {
	for _, document := range []string{
		`{`, `[]`, `{"qubits": -1}`,
		`{"qubits": 1, "operations": [{"op": "X", "q": [1]}]}`,
		`{"qubits": 1, "operations": [{"op": "X", "q": [-1]}]}`,
		`{"qubits": 1, "operations": [{"op": "CX", "q": [0, 0]}]}`,
		`{"qubits": 1, "clbits": 1, "operations": [{"op": "MEASURE", "q": [0], "c": [1]}]}`,
		`{"qubits": 1, "clbits": 1, "operations": [{"op": "MEASURE", "q": [0], "c": []}]}`,
		`{"qubits": 1, "operations": [{"op": "IF", "then": []}]}`,
		`{"qubits": 1, "clbits": 1, "operations": [{"op": "IF", "cond": {"bit": 1}, "then": []}]}`,
		`{"qubits": 1, "clbits": 1, "operations": [{"op": "IF", "cond": {}, "then": []}]}`,
		`{"qubits": 1, "clbits": 1, "operations": [{"op": "FOR", "count": 1, "body": [{"op": "X", "q": [7]}]}]}`,
	} {
		_, err := ReadCircuit([]byte(document))
		var found *failure.Failure
		if !errors.As(err, &found) || found.Code != "EIGEN_AQO_INVALID" {
			t.Errorf("%s: %v", document, err)
		}
	}
}

func TestConditions(t *testing.T) {
	yes, one := true, 1
	bits := []bool{false, true, true}
	for place, row := range []struct {
		asked Condition
		holds bool
	}{
		{Condition{Const: &yes}, true},
		{Condition{Bit: &one}, true},
		{Condition{Not: &Condition{Bit: &one}}, false},
		{Condition{Bits: []int{2, 0, 1}, Cmp: "==", Value: 5}, true},
		{Condition{Bits: []int{2, 0, 1}, Cmp: "<", Value: 5}, false},
		{Condition{Bits: []int{2, 0, 1}, Cmp: ">=", Value: 5}, true},
		{Condition{And: []Condition{{Bit: &one}, {Const: &yes}}}, true},
		{Condition{Or: []Condition{}}, false},
		{Condition{Xor: []Condition{{Bit: &one}, {Const: &yes}}}, false},
	} {
		if row.asked.Holds(bits) != row.holds {
			t.Errorf("condition %d", place)
		}
	}
}
