// Package engine runs circuits on state vectors.
package engine

import (
	"context"
	"math"

	"eigenos/godriver/aqo"
	"eigenos/godriver/failure"
	"eigenos/godriver/gates"
	"eigenos/godriver/state"
)

const (
	// Device is the name of the one device.
	Device = "go:statevector"
	// Name and Version are what results record.
	Name, Version = "go", "1.0.0"
	// MostQubits makes a state of 1 GiB.
	MostQubits = 26
	// MostShots are taken in one piece of work.
	MostShots = 10_000_000
)

// Run is a circuit at the values of its parameters. As many goroutines as Threads share its work; it ends when its
// context does.
type Run struct {
	Circuit *aqo.Circuit
	Values  []float64
	Threads int

	bound map[string]float64
}

// Expectation is the exact value of an observable in the final state.
func (r *Run) Expectation(ctx context.Context, observable *aqo.Observable) (float64, error) {
	if observable.Qubits > r.Circuit.Qubits {
		return 0, failure.New("EIGEN_SIM_UNSUPPORTED",
			"the observable acts on `%d` qubits, the circuit has %d", observable.Qubits, r.Circuit.Qubits)
	}
	final, err := r.final(ctx)
	if err != nil {
		return 0, err
	}
	total := 0.0
	for _, term := range observable.Terms {
		if err := over(ctx); err != nil {
			return 0, err
		}
		total += term.Weight * final.Expectation(term.Flips, term.Signs)
	}
	return total, nil
}

// Probability is the exact probability of an outcome q[n-1] ... q[0] of all qubits.
func (r *Run) Probability(ctx context.Context, bits string) (float64, error) {
	index := 0
	for _, digit := range bits {
		if digit != '0' && digit != '1' {
			return 0, failure.New("EIGEN_SIM_UNSUPPORTED", "outcome `%s` is not %d bits", bits, r.Circuit.Qubits)
		}
		index = index<<1 | int(digit-'0')
	}
	if len(bits) != r.Circuit.Qubits {
		return 0, failure.New("EIGEN_SIM_UNSUPPORTED", "outcome `%s` is not %d bits", bits, r.Circuit.Qubits)
	}
	final, err := r.final(ctx)
	if err != nil {
		return 0, err
	}
	return final.Weight(index), nil
}

// final is the state at the end of a circuit that measures nothing.
func (r *Run) final(ctx context.Context) (*state.Vector, error) {
	if r.Circuit.Measures || r.Circuit.Dynamic {
		return nil, failure.New("EIGEN_SIM_UNSUPPORTED",
			"the circuit measures or resets, so it has no single final state")
	}
	vector, err := r.start()
	if err != nil {
		return nil, err
	}
	for place := range r.Circuit.Operations {
		if err := over(ctx); err != nil {
			return nil, err
		}
		if err := r.gate(vector, &r.Circuit.Operations[place]); err != nil {
			return nil, err
		}
	}
	return vector, nil
}

// start is the state before the first operation.
func (r *Run) start() (*state.Vector, error) {
	if r.Circuit.Qubits > MostQubits {
		return nil, failure.New("EIGEN_SIM_MEMORY",
			"`%s` holds %d qubits, the circuit has `%d`", Device, MostQubits, r.Circuit.Qubits)
	}
	bound, err := r.Circuit.Bound(r.Values)
	if err != nil {
		return nil, err
	}
	r.bound = bound
	return state.Zero(r.Circuit.Qubits, r.Threads), nil
}

// gate applies a gate of the table.
func (r *Run) gate(vector *state.Vector, item *aqo.Operation) error {
	switch item.Name {
	case "BARRIER", "DELAY", "GPHASE":
		return nil
	}
	row, known := gates.Table[item.Name]
	if !known || item.Controls > 0 || item.Inverse || item.Power != nil {
		return failure.New("EIGEN_COMPILER_UNSUPPORTED", "`%s` has no gate `%s` of this form", Device, item.Name)
	}
	if row.Qubits > 0 && len(item.Qubits) != row.Qubits || row.AllControls && len(item.Qubits) == 0 {
		return failure.New("EIGEN_AQO_INVALID", "`%s` on %d qubits", item.Name, len(item.Qubits))
	}
	params := make([]float64, len(row.Params))
	for place, name := range row.Params {
		params[place] = item.Params[name].At(r.bound)
	}
	controls := row.Controls
	if row.AllControls {
		controls = len(item.Qubits) - 1
	}
	switch item.Name {
	case "PAULI_ROT":
		return rotate(vector, item, params[0])
	case "UNITARY":
		matrix, err := unitary(item)
		if err != nil {
			return err
		}
		vector.Apply(matrix, item.Qubits, nil)
	case "I":
	default:
		vector.Apply(row.Of(params), item.Qubits[controls:], item.Qubits[:controls])
	}
	return nil
}

func rotate(vector *state.Vector, item *aqo.Operation, angle float64) error {
	if len(item.Pauli) != len(item.Qubits) {
		return failure.New("EIGEN_AQO_INVALID", "`%s` of %d letters", item.Name, len(item.Pauli))
	}
	var flips, signs uint64
	for place, letter := range item.Pauli {
		bit := uint64(1) << item.Qubits[place]
		if letter == 'X' || letter == 'Y' {
			flips |= bit
		}
		if letter == 'Z' || letter == 'Y' {
			signs |= bit
		}
	}
	vector.Rotate(math.Cos(angle/2), math.Sin(angle/2), flips, signs)
	return nil
}

func unitary(item *aqo.Operation) (gates.Matrix, error) {
	size := 1 << len(item.Qubits)
	matrix := make(gates.Matrix, 0, size*size)
	for _, row := range item.Matrix {
		for _, entry := range row {
			matrix = append(matrix, complex(entry[0], entry[1]))
		}
	}
	if len(matrix) != size*size {
		return nil, failure.New("EIGEN_AQO_INVALID", "a matrix of %d entries on %d qubits", len(matrix), len(item.Qubits))
	}
	return matrix, nil
}

// over says whether the work was cancelled.
func over(ctx context.Context) error {
	if ctx.Err() != nil {
		return failure.New("EIGEN_RUN_CANCELLED", "the work was cancelled")
	}
	return nil
}
