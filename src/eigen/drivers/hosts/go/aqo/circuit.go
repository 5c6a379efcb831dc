// Package aqo reads Eigen OS's documents: circuits and observables, as JSON.
//
// Classical bit k of an outcome c[n-1] ... c[0] is bit k; qubit 0 is the least significant bit of a state's index.
package aqo

import (
	"encoding/json"
	"fmt"

	"eigenos/godriver/failure"
)

// Circuit is a document of the kind `circuit`.
type Circuit struct {
	Kind       string      `json:"kind"`
	Qubits     int         `json:"qubits"`
	Clbits     int         `json:"clbits"`
	Parameters []string    `json:"parameters"`
	Operations []Operation `json:"operations"`

	// Dynamic says whether anything is reset, decided by outcomes, or measured and used again.
	Dynamic bool `json:"-"`
	// Measures says whether anything is measured.
	Measures bool `json:"-"`
}

// Operation is one operation: a gate of the table, MEASURE, RESET, BARRIER, DELAY, IF, WHILE or FOR.
type Operation struct {
	Name   string           `json:"op"`
	Qubits []int            `json:"q"`
	Clbits []int            `json:"c"`
	Basis  string           `json:"basis"` // of MEASURE: X, Y or Z, and Z when it is left out
	Params map[string]Angle `json:"params"`
	Matrix [][][2]float64   `json:"matrix"` // of UNITARY: rows of pairs, real and imaginary part
	Pauli  string           `json:"pauli"`  // of PAULI_ROT: the first letter is for the first qubit

	If   *Condition  `json:"if"` // the operation happens where it holds
	Cond *Condition  `json:"cond"`
	Then []Operation `json:"then"`
	Else []Operation `json:"else"`
	Body []Operation `json:"body"`
	Max  uint64      `json:"max"` // how often a WHILE goes round at most
	// Count is how often a FOR goes round.
	Count uint64 `json:"count"`

	Controls int      `json:"ctrl"`
	Inverse  bool     `json:"inv"`
	Power    *float64 `json:"pow"`
}

// ReadCircuit reads a document; the error is a Failure.
func ReadCircuit(data []byte) (*Circuit, error) {
	circuit := new(Circuit)
	if err := json.Unmarshal(data, circuit); err != nil {
		return nil, failure.New("EIGEN_AQO_INVALID", "the document is no circuit: %v", err)
	}
	if circuit.Kind != "" && circuit.Kind != "circuit" {
		return nil, failure.New("EIGEN_SIM_UNSUPPORTED", "a document of kind `%s` is no circuit", circuit.Kind)
	}
	if circuit.Qubits < 0 || circuit.Clbits < 0 {
		return nil, failure.New("EIGEN_AQO_INVALID", "a circuit has no negative number of qubits or bits")
	}
	if err := circuit.check(circuit.Operations); err != nil {
		return nil, failure.New("EIGEN_AQO_INVALID", "the document is no circuit: %v", err)
	}
	circuit.look(circuit.Operations, map[int]bool{})
	return circuit, nil
}

// Bound pairs the circuit's parameters with values; the error is a Failure where there are more or fewer.
func (c *Circuit) Bound(values []float64) (map[string]float64, error) {
	if len(values) != len(c.Parameters) {
		return nil, failure.New("EIGEN_CIRCUIT_PARAMETERS",
			"the circuit has %d parameters, `%d` values came", len(c.Parameters), len(values))
	}
	bound := make(map[string]float64, len(values))
	for place, name := range c.Parameters {
		bound[name] = values[place]
	}
	return bound, nil
}

func (c *Circuit) check(operations []Operation) error {
	for place := range operations {
		if err := c.checkOne(&operations[place]); err != nil {
			return fmt.Errorf("operation %d, %s: %w", place, operations[place].Name, err)
		}
	}
	return nil
}

func (c *Circuit) checkOne(item *Operation) error {
	if err := within(item.Qubits, c.Qubits); err != nil {
		return err
	}
	if err := within(item.Clbits, c.Clbits); err != nil {
		return err
	}
	if item.Name == "MEASURE" && len(item.Qubits) != len(item.Clbits) {
		return fmt.Errorf("%d qubits into %d bits", len(item.Qubits), len(item.Clbits))
	}
	seen := make(map[int]bool, len(item.Qubits))
	for _, qubit := range item.Qubits {
		if seen[qubit] {
			return fmt.Errorf("qubit %d twice", qubit)
		}
		seen[qubit] = true
	}
	for _, condition := range []*Condition{item.If, item.Cond} {
		if condition != nil {
			if err := condition.check(c.Clbits); err != nil {
				return err
			}
		}
	}
	if (item.Name == "IF" || item.Name == "WHILE") && item.Cond == nil {
		return fmt.Errorf("without a condition")
	}
	for _, block := range [][]Operation{item.Then, item.Else, item.Body} {
		if err := c.check(block); err != nil {
			return err
		}
	}
	return nil
}

// look finds out what the circuit does with outcomes.
func (c *Circuit) look(operations []Operation, measured map[int]bool) {
	for place := range operations {
		item := &operations[place]
		switch item.Name {
		case "RESET", "IF", "WHILE", "FOR", "COMPUTE":
			c.Dynamic = true
		case "BARRIER", "DELAY":
			continue
		}
		c.Dynamic = c.Dynamic || item.If != nil
		for _, qubit := range item.Qubits {
			c.Dynamic = c.Dynamic || measured[qubit]
		}
		if item.Name == "MEASURE" {
			c.Measures = true
			for _, qubit := range item.Qubits {
				measured[qubit] = true
			}
		}
		for _, block := range [][]Operation{item.Then, item.Else, item.Body} {
			c.look(block, measured)
		}
	}
}
