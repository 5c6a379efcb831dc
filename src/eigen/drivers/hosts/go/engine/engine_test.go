package engine

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"eigenos/godriver/aqo"
	"eigenos/godriver/failure"
)

func circuit(t *testing.T, document string) *aqo.Circuit {
	t.Helper()
	found, err := aqo.ReadCircuit([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

const ghz = `{"kind": "circuit", "version": "1.1", "qubits": 3, "clbits": 3, "operations": [
	{"op": "H", "q": [0]}, {"op": "CX", "q": [0, 1]}, {"op": "CX", "q": [1, 2]},
	{"op": "MEASURE", "q": [0, 1, 2], "c": [0, 1, 2]}]}`

func TestOutcomesAreThoseOfTheState(t *testing.T) {
	run := &Run{Circuit: circuit(t, ghz), Threads: 2}
	counts, err := run.Sample(context.Background(), 10_000, 7)
	if err != nil {
		t.Fatal(err)
	}
	if len(counts) != 2 || counts["\x00"]+counts["\x07"] != 10_000 {
		t.Fatalf("%v", counts)
	}
	if spread := math.Abs(float64(counts["\x00"]) - 5000); spread > 6.5*50 { // standard deviations; wrong once in 1e10
		t.Errorf("%v", counts)
	}
}

func TestASeedIsASequence(t *testing.T) {
	draws := func(seed uint64) Counts {
		run := &Run{Circuit: circuit(t, strings.ReplaceAll(ghz, `"MEASURE"`, `"RESET", "q": [2]}, {"op": "MEASURE"`)), Threads: 3}
		counts, err := run.Sample(context.Background(), 1000, seed)
		if err != nil {
			t.Fatal(err)
		}
		return counts
	}
	if first, again := draws(3), draws(3); first["\x00"] != again["\x00"] {
		t.Errorf("%v and %v", first, again)
	}
	if first, other := draws(3), draws(4); first["\x00"] == other["\x00"] && draws(5)["\x00"] == first["\x00"] {
		t.Error("three seeds give the same")
	}
}

func TestDrawsAddUpWhereAmplitudesAreZero(t *testing.T) {
	run := &Run{Circuit: circuit(t, `{"qubits": 2, "clbits": 1, "operations": [
		{"op": "X", "q": [0]}, {"op": "MEASURE", "q": [0], "c": [0]}]}`), Threads: 1}
	for _, shots := range []int{1, 2, 999_999} {
		counts, err := run.Sample(context.Background(), shots, 1)
		if err != nil || counts["\x01"] != uint64(shots) || len(counts) != 1 {
			t.Errorf("%d shots: %v, %v", shots, counts, err)
		}
	}
}

func TestParametersAreAffine(t *testing.T) {
	run := &Run{Circuit: circuit(t, `{"qubits": 1, "parameters": ["b", "a"], "operations": [
		{"op": "RX", "q": [0], "params": {"theta": {"const": 0.5, "terms": {"a": 2, "b": -1}}}}]}`),
		Values: []float64{0.1, 0.3}, Threads: 1}
	observable, err := aqo.ReadObservable([]byte(`{"qubits": 1, "terms": [["Z0", 2.0], ["", 1.0]]}`))
	if err != nil {
		t.Fatal(err)
	}
	value, err := run.Expectation(context.Background(), observable)
	if err != nil || math.Abs(value-(1+2*math.Cos(0.5+0.6-0.1))) > 1e-12 {
		t.Errorf("%v, %v", value, err)
	}
}

func TestRefusals(t *testing.T) {
	for document, code := range map[string]string{
		`{"qubits": 1, "operations": [{"op": "WARP", "q": [0]}]}`:                           "EIGEN_COMPILER_UNSUPPORTED",
		`{"qubits": 1, "operations": [{"op": "X", "q": [0], "inv": true}]}`:                 "EIGEN_COMPILER_UNSUPPORTED",
		`{"qubits": 1, "parameters": ["a"], "operations": []}`:                              "EIGEN_CIRCUIT_PARAMETERS",
		`{"qubits": 27, "operations": []}`:                                                  "EIGEN_SIM_MEMORY",
		`{"qubits": 1, "clbits": 1, "operations": [{"op": "MEASURE", "q": [0], "c": [0]}]}`: "EIGEN_SIM_UNSUPPORTED",
		`{"qubits": 2, "operations": [{"op": "UNITARY", "q": [0], "matrix": [[[1, 0]]]}]}`:  "EIGEN_AQO_INVALID",
		`{"qubits": 3, "operations": [{"op": "CX", "q": [0, 1, 2]}]}`:                       "EIGEN_AQO_INVALID",
		`{"qubits": 2, "operations": [{"op": "PAULI_ROT", "q": [0, 1], "pauli": "X"}]}`:     "EIGEN_AQO_INVALID",
	} {
		run := &Run{Circuit: circuit(t, document), Threads: 1}
		_, err := run.Probability(context.Background(), strings.Repeat("0", run.Circuit.Qubits))
		var found *failure.Failure
		if !errors.As(err, &found) || found.Code != code {
			t.Errorf("%s: %v", document, err)
		}
	}
}

func TestALoopIsBounded(t *testing.T) {
	run := &Run{Circuit: circuit(t, `{"qubits": 1, "clbits": 1, "operations": [
		{"op": "WHILE", "cond": {"not": {"bit": 0}}, "max": 3, "body": [{"op": "MEASURE", "q": [0], "c": [0]}]}]}`), Threads: 4}
	_, err := run.Sample(context.Background(), 100, 1)
	var found *failure.Failure
	if !errors.As(err, &found) || found.Code != "EIGEN_SIM_LOOP_BOUND" {
		t.Errorf("%v", err)
	}
}
