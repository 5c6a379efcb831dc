package gates

import (
	"math/cmplx"
	"testing"
)

func params(gate Gate) []float64 {
	found := make([]float64, len(gate.Params))
	for place := range found {
		found[place] = 0.37 + 0.41*float64(place)
	}
	return found
}

func size(matrix Matrix) int {
	for side := 1; ; side++ {
		if side*side >= len(matrix) {
			return side
		}
	}
}

func TestEveryMatrixIsUnitary(t *testing.T) {
	for name, gate := range Table {
		if gate.Of == nil {
			continue
		}
		matrix := gate.Of(params(gate))
		side := size(matrix)
		if gate.Qubits > 0 && side != 1<<(gate.Qubits-gate.Controls) {
			t.Errorf("%s: %d rows on %d qubits with %d controls", name, side, gate.Qubits, gate.Controls)
		}
		for row := range side {
			for column := range side {
				var sum complex128
				for k := range side {
					sum += matrix[row*side+k] * cmplx.Conj(matrix[column*side+k])
				}
				wanted := complex128(0)
				if row == column {
					wanted = 1
				}
				if cmplx.Abs(sum-wanted) > 1e-14 {
					t.Errorf("%s: rows %d and %d give %v", name, row, column, sum)
				}
			}
		}
	}
}

func TestGatesAndTheirInversesCancel(t *testing.T) {
	for gate, inverse := range map[string]string{"S": "Sdg", "T": "Tdg", "SX": "SXdg", "H": "H", "ECR": "ECR", "GPI": "GPI"} {
		a, b := Table[gate].Of([]float64{0.2}), Table[inverse].Of([]float64{0.2})
		side := size(a)
		for row := range side {
			for column := range side {
				var sum complex128
				for k := range side {
					sum += a[row*side+k] * b[k*side+column]
				}
				if wanted := map[bool]complex128{true: 1}[row == column]; cmplx.Abs(sum-wanted) > 1e-14 {
					t.Errorf("%s %s: %v at %d, %d", gate, inverse, sum, row, column)
				}
			}
		}
	}
}
