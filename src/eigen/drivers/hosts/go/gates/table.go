// Package gates is the gate table of Eigen OS (docs/reference/gates.md) as matrices.
//
// The first qubit of a gate is the least significant bit of its matrix's index. Angles are radians, and turns for GPI,
// GPI2 and MS.
package gates

import "sort"

// Matrix holds rows one after another.
type Matrix []complex128

// Gate is one row of the table.
type Gate struct {
	Params []string
	// Controls counts the leading qubits that must be 1; AllControls says that all but the last are.
	Controls    int
	AllControls bool
	// Qubits is how many there are, controls included; 0 for those that take any number.
	Qubits int
	// Of is the matrix on the qubits behind the controls; nil for PAULI_ROT and UNITARY, which bring their own.
	Of func(params []float64) Matrix
}

// Table pairs names with gates.
var Table = map[string]Gate{
	"I":        fixed(1, 0, 1, 0, 0, 1),
	"X":        fixed(1, 0, pauliX...),
	"Y":        fixed(1, 0, 0, -1i, 1i, 0),
	"Z":        fixed(1, 0, 1, 0, 0, -1),
	"H":        fixed(1, 0, hadamard...),
	"S":        fixed(1, 0, 1, 0, 0, 1i),
	"Sdg":      fixed(1, 0, 1, 0, 0, -1i),
	"T":        fixed(1, 0, 1, 0, 0, complex(root, root)),
	"Tdg":      fixed(1, 0, 1, 0, 0, complex(root, -root)),
	"SX":       fixed(1, 0, 0.5+0.5i, 0.5-0.5i, 0.5-0.5i, 0.5+0.5i),
	"SXdg":     fixed(1, 0, 0.5-0.5i, 0.5+0.5i, 0.5+0.5i, 0.5-0.5i),
	"RX":       turned(1, 0, rx, "theta"),
	"RY":       turned(1, 0, ry, "theta"),
	"RZ":       turned(1, 0, rz, "theta"),
	"P":        turned(1, 0, phase, "lambda"),
	"U":        turned(1, 0, u, "theta", "phi", "lambda"),
	"CX":       fixed(2, 1, pauliX...),
	"CY":       fixed(2, 1, 0, -1i, 1i, 0),
	"CZ":       fixed(2, 1, 1, 0, 0, -1),
	"CH":       fixed(2, 1, hadamard...),
	"CP":       turned(2, 1, phase, "lambda"),
	"CRX":      turned(2, 1, rx, "theta"),
	"CRY":      turned(2, 1, ry, "theta"),
	"CRZ":      turned(2, 1, rz, "theta"),
	"CU":       turned(2, 1, cu, "theta", "phi", "lambda", "gamma"),
	"SWAP":     fixed(2, 0, swap...),
	"ISWAP":    fixed(2, 0, exchange(0, 1i, 1i, 0, 1)...),
	"ECR":      fixed(2, 0, ecr...),
	"RXX":      turned(2, 0, func(p []float64) Matrix { return rotation(p[0], "XX") }, "theta"),
	"RYY":      turned(2, 0, func(p []float64) Matrix { return rotation(p[0], "YY") }, "theta"),
	"RZZ":      turned(2, 0, func(p []float64) Matrix { return rotation(p[0], "ZZ") }, "theta"),
	"RZX":      turned(2, 0, func(p []float64) Matrix { return rotation(p[0], "ZX") }, "theta"),
	"FSIM":     turned(2, 0, fsim, "theta", "phi"),
	"XXPLUSYY": turned(2, 0, xxPlusYY, "theta", "beta"),
	"CCX":      fixed(3, 2, pauliX...),
	"CCZ":      fixed(3, 2, 1, 0, 0, -1),
	"CSWAP":    fixed(3, 1, swap...),
	"MCX":      {AllControls: true, Of: constant(pauliX)},
	"MCP":      {AllControls: true, Of: phase, Params: []string{"lambda"}},
	"PAULI_ROT": {
		Params: []string{"theta"},
	},
	"UNITARY": {},
	"GPI":     turned(1, 0, gpi, "phi"),
	"GPI2":    turned(1, 0, gpi2, "phi"),
	"MS":      turned(2, 0, ms, "phi0", "phi1", "theta"),
}

// Names are those of the table, in alphabetical order.
func Names() []string {
	names := make([]string, 0, len(Table))
	for name := range Table {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

func constant(matrix Matrix) func([]float64) Matrix {
	return func([]float64) Matrix { return matrix }
}

func fixed(qubits, controls int, matrix ...complex128) Gate {
	return Gate{Qubits: qubits, Controls: controls, Of: constant(matrix)}
}

func turned(qubits, controls int, of func([]float64) Matrix, params ...string) Gate {
	return Gate{Params: params, Qubits: qubits, Controls: controls, Of: of}
}
