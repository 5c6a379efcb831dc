// Package state holds state vectors: 2^n amplitudes, qubit 0 the least significant bit of their index.
package state

import (
	"math/bits"
	"slices"
	"sync"
)

// chunk is how many steps of a loop one goroutine takes at a time. Sums are made chunk by chunk in a fixed order, so
// that they are the same whatever the number of goroutines.
const chunk = 1 << 14

// Vector is a state of Qubits qubits.
type Vector struct {
	Qubits     int
	Amplitudes []complex128
	workers    int
}

// Zero is the state |0...0>; as many goroutines as workers share its loops.
func Zero(qubits, workers int) *Vector {
	v := &Vector{qubits, make([]complex128, 1<<qubits), max(workers, 1)}
	v.Amplitudes[0] = 1
	return v
}

// CopyTo makes other, of the same size, the same state.
func (v *Vector) CopyTo(other *Vector) { copy(other.Amplitudes, v.Amplitudes) }

// Like is a vector of the same size.
func (v *Vector) Like(workers int) *Vector {
	return &Vector{v.Qubits, make([]complex128, len(v.Amplitudes)), max(workers, 1)}
}

// Apply lets a matrix act on targets, the first its least significant bit, where all controls are 1.
func (v *Vector) Apply(matrix []complex128, targets, controls []int) {
	mask := 0
	for _, qubit := range controls {
		mask |= 1 << qubit
	}
	if len(targets) == 1 {
		v.applyOne(matrix, targets[0], mask)
		return
	}
	size := 1 << len(targets)
	places := slices.Sorted(slices.Values(targets))
	offsets := make([]int, size)
	for index := range offsets {
		for place, qubit := range targets {
			offsets[index] |= index >> place & 1 << qubit
		}
	}
	v.each(len(v.Amplitudes)>>len(targets), func(from, to int) {
		gathered := make([]complex128, size)
		for index := from; index < to; index++ {
			base := index
			for _, place := range places {
				base = insert(base, place)
			}
			if base&mask != mask {
				continue
			}
			for k, offset := range offsets {
				gathered[k] = v.Amplitudes[base|offset]
			}
			for row, offset := range offsets {
				var sum complex128
				for column, amplitude := range gathered {
					sum += matrix[row*size+column] * amplitude
				}
				v.Amplitudes[base|offset] = sum
			}
		}
	})
}

func (v *Vector) applyOne(matrix []complex128, target, mask int) {
	a, b, c, d := matrix[0], matrix[1], matrix[2], matrix[3]
	v.each(len(v.Amplitudes)/2, func(from, to int) {
		for index := from; index < to; index++ {
			low := insert(index, target)
			if low&mask != mask {
				continue
			}
			high := low | 1<<target
			x, y := v.Amplitudes[low], v.Amplitudes[high]
			v.Amplitudes[low], v.Amplitudes[high] = a*x+b*y, c*x+d*y
		}
	})
}

// Rotate applies c - i s P, where P is a product of Pauli letters: X or Y on the qubits of flips, Z or Y on those of
// signs.
func (v *Vector) Rotate(c, s float64, flips, signs uint64) {
	cosine, sine := complex(c, 0), complex(0, -s)*power(flips, signs)
	if flips == 0 {
		v.each(len(v.Amplitudes), func(from, to int) {
			for index := from; index < to; index++ {
				v.Amplitudes[index] *= cosine + sine*sign(index, signs)
			}
		})
		return
	}
	top := bits.Len64(flips) - 1
	v.each(len(v.Amplitudes)/2, func(from, to int) {
		for index := from; index < to; index++ {
			low := insert(index, top)
			high := low ^ int(flips)
			x, y := v.Amplitudes[low], v.Amplitudes[high]
			v.Amplitudes[low] = cosine*x + sine*sign(high, signs)*y
			v.Amplitudes[high] = cosine*y + sine*sign(low, signs)*x
		}
	})
}

// Expectation is the value of a product of Pauli letters, as in Rotate.
func (v *Vector) Expectation(flips, signs uint64) float64 {
	factor := power(flips, signs)
	return v.sum(func(index int) float64 {
		x, y := v.Amplitudes[index], v.Amplitudes[index^int(flips)]
		return real(complex(real(y), -imag(y)) * factor * sign(index, signs) * x)
	})
}

// One is the probability that a qubit is measured as 1.
func (v *Vector) One(qubit int) float64 {
	return v.sum(func(index int) float64 {
		if index>>qubit&1 == 0 {
			return 0
		}
		return v.Weight(index)
	})
}

// Weight is the probability of one basis state.
func (v *Vector) Weight(index int) float64 {
	a := v.Amplitudes[index]
	return real(a)*real(a) + imag(a)*imag(a)
}

// Project keeps what has a qubit in the state outcome, and scales it.
func (v *Vector) Project(qubit int, outcome bool, scale float64) {
	wanted := 0
	if outcome {
		wanted = 1
	}
	v.each(len(v.Amplitudes), func(from, to int) {
		for index := from; index < to; index++ {
			if index>>qubit&1 == wanted {
				v.Amplitudes[index] *= complex(scale, 0)
			} else {
				v.Amplitudes[index] = 0
			}
		}
	})
}

// each runs a loop of so many steps in chunks, side by side.
func (v *Vector) each(steps int, run func(from, to int)) {
	if v.workers == 1 || steps <= chunk {
		run(0, steps)
		return
	}
	var group sync.WaitGroup
	share := chunk * max(1, (steps/v.workers+chunk-1)/chunk)
	for from := 0; from < steps; from += share {
		group.Add(1)
		go func() {
			defer group.Done()
			run(from, min(from+share, steps))
		}()
	}
	group.Wait()
}

// sum adds a value for each amplitude, chunk by chunk.
func (v *Vector) sum(of func(index int) float64) float64 {
	steps := len(v.Amplitudes)
	parts := make([]float64, (steps+chunk-1)/chunk)
	v.each(len(parts)*chunk, func(from, to int) {
		for index := from; index < min(to, steps); index++ {
			parts[index/chunk] += of(index)
		}
	})
	total := 0.0
	for _, part := range parts {
		total += part
	}
	return total
}

// insert puts a 0 at a place of a number's bits.
func insert(number, place int) int {
	low := number & (1<<place - 1)
	return (number^low)<<1 | low
}

// power is i to the number of Ys: Y is i X Z.
func power(flips, signs uint64) complex128 {
	return [4]complex128{1, 1i, -1, -1i}[bits.OnesCount64(flips&signs)%4]
}

func sign(index int, signs uint64) complex128 {
	if bits.OnesCount64(uint64(index)&signs)%2 == 1 {
		return -1
	}
	return 1
}
