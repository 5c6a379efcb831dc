package engine

import (
	"context"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"

	"eigenos/godriver/aqo"
	"eigenos/godriver/failure"
	"eigenos/godriver/gates"
	"eigenos/godriver/state"
)

// Counts says how often each outcome came: an outcome is ceil(n / 8) bytes, bit k is bit k % 8 of byte k / 8.
type Counts map[string]uint64

// stateBytes is what the copies of the state may take that shots run on side by side.
const stateBytes = 256 << 20

var (
	before = map[string][]string{"X": {"H"}, "Y": {"Sdg", "H"}}
	after  = map[string][]string{"X": {"H"}, "Y": {"H", "S"}}
)

// Sample gives the counts of the classical bits after so many runs. The same seed gives the same counts, whatever the
// number of goroutines.
func (r *Run) Sample(ctx context.Context, shots int, seed uint64) (Counts, error) {
	if shots < 1 || shots > MostShots {
		return nil, failure.New("EIGEN_DEVICE_OPTION", "`%s` takes 1 to %d shots, not `%d`", Device, MostShots, shots)
	}
	vector, err := r.start()
	if err != nil {
		return nil, err
	}
	if !r.Circuit.Measures && !r.Circuit.Dynamic {
		return Counts{string(make([]byte, r.bytes())): uint64(shots)}, nil
	}
	if r.Circuit.Dynamic {
		return r.follow(ctx, vector, shots, seed)
	}
	return r.read(ctx, vector, shots, seed)
}

// read draws from the final state of a circuit that measures at its end.
func (r *Run) read(ctx context.Context, vector *state.Vector, shots int, seed uint64) (Counts, error) {
	qubits := map[int]int{} // by classical bit
	for place := range r.Circuit.Operations {
		if err := over(ctx); err != nil {
			return nil, err
		}
		item := &r.Circuit.Operations[place]
		if item.Name != "MEASURE" {
			if err := r.gate(vector, item); err != nil {
				return nil, err
			}
			continue
		}
		for k, qubit := range item.Qubits {
			turn(vector, before[item.Basis], qubit)
			qubits[item.Clbits[k]] = qubit
		}
	}
	counts := Counts{}
	draw(vector, shots, stream(seed, 0), func(index int, times uint64) {
		outcome := make([]byte, r.bytes())
		for bit, qubit := range qubits {
			outcome[bit/8] |= byte(index>>qubit&1) << (bit % 8)
		}
		counts[string(outcome)] += times
	})
	return counts, nil
}

// draw tells the basis states of so many measurements of all qubits. Uniform numbers come in ascending order, each
// from the one before (Bentley and Saxe, ACM TOMS 6, 1980), so that one walk along the amplitudes is enough.
func draw(vector *state.Vector, shots int, random *rand.Rand, tell func(index int, times uint64)) {
	total := 0.0
	last := 0
	for index := range vector.Amplitudes {
		if weight := vector.Weight(index); weight > 0 {
			total += weight
			last = index
		}
	}
	survival := 0.0 // logarithm of what lies above the number
	next := func(left int) float64 {
		survival += math.Log(1-random.Float64()) / float64(left)
		return -math.Expm1(survival) * total
	}
	left, reached := shots, 0.0
	number := next(left)
	for index := 0; index < last && left > 0; index++ {
		reached += vector.Weight(index)
		times := uint64(0)
		for left > 0 && number < reached {
			times++
			left--
			if left > 0 {
				number = next(left)
			}
		}
		if times > 0 {
			tell(index, times)
		}
	}
	if left > 0 {
		tell(last, uint64(left))
	}
}

// follow runs a circuit shot for shot from where it first measures, each shot with random numbers of its own.
func (r *Run) follow(ctx context.Context, vector *state.Vector, shots int, seed uint64) (Counts, error) {
	first := 0
	for ; first < len(r.Circuit.Operations); first++ {
		item := &r.Circuit.Operations[first]
		if item.Name == "MEASURE" || item.Name == "RESET" || item.If != nil || item.Cond != nil || item.Body != nil {
			break
		}
		if err := over(ctx); err != nil {
			return nil, err
		}
		if err := r.gate(vector, item); err != nil {
			return nil, err
		}
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	workers := max(1, min(r.Threads, shots, stateBytes/(16*len(vector.Amplitudes))))
	counts, failed := Counts{}, error(nil)
	var group sync.WaitGroup
	var lock sync.Mutex
	var taken atomic.Int64
	for range workers {
		group.Add(1)
		go func() {
			defer group.Done()
			own, err := r.shots(ctx, vector, first, r.Threads/workers, seed, func() int {
				shot := int(taken.Add(1))
				if shot > shots {
					return 0
				}
				return shot
			})
			lock.Lock()
			defer lock.Unlock()
			if err != nil && failed == nil {
				failed = err
				stop()
			}
			for outcome, times := range own {
				counts[outcome] += times
			}
		}()
	}
	group.Wait()
	return counts, failed
}

func (r *Run) shots(ctx context.Context, from *state.Vector, first, share int, seed uint64, next func() int) (Counts, error) {
	own := Counts{}
	path := path{run: r, vector: from.Like(share), bits: make([]bool, r.Circuit.Clbits)}
	for shot := next(); shot > 0; shot = next() {
		from.CopyTo(path.vector)
		clear(path.bits)
		path.random = stream(seed, uint64(shot))
		if err := path.walk(ctx, r.Circuit.Operations[first:]); err != nil {
			return nil, err
		}
		outcome := make([]byte, r.bytes())
		for bit, value := range path.bits {
			if value {
				outcome[bit/8] |= 1 << (bit % 8)
			}
		}
		own[string(outcome)]++
	}
	return own, nil
}

func (r *Run) bytes() int { return (r.Circuit.Clbits + 7) / 8 }

// stream is a sequence of random numbers of its own for each pair.
func stream(seed, number uint64) *rand.Rand {
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], seed)
	binary.LittleEndian.PutUint64(key[8:], number)
	return rand.New(rand.NewChaCha8(key))
}

func turn(vector *state.Vector, names []string, qubit int) {
	for _, name := range names {
		vector.Apply(gates.Table[name].Of(nil), []int{qubit}, nil)
	}
}

// path is one shot on its way.
type path struct {
	run    *Run
	vector *state.Vector
	bits   []bool
	random *rand.Rand
}

func (p *path) walk(ctx context.Context, operations []aqo.Operation) error {
	for place := range operations {
		if err := over(ctx); err != nil {
			return err
		}
		if err := p.act(ctx, &operations[place]); err != nil {
			return err
		}
	}
	return nil
}

func (p *path) act(ctx context.Context, item *aqo.Operation) error {
	switch {
	case item.Name == "IF":
		if item.Cond.Holds(p.bits) {
			return p.walk(ctx, item.Then)
		}
		return p.walk(ctx, item.Else)
	case item.Name == "WHILE":
		return p.loop(ctx, item)
	case item.Name == "FOR":
		for range item.Count {
			if err := over(ctx); err != nil {
				return err
			}
			if err := p.walk(ctx, item.Body); err != nil {
				return err
			}
		}
		return nil
	case item.If != nil && !item.If.Holds(p.bits):
		return nil
	case item.Name == "MEASURE":
		for k, qubit := range item.Qubits {
			turn(p.vector, before[item.Basis], qubit)
			p.bits[item.Clbits[k]] = p.measure(qubit)
			turn(p.vector, after[item.Basis], qubit)
		}
		return nil
	case item.Name == "RESET":
		for _, qubit := range item.Qubits {
			if p.measure(qubit) {
				turn(p.vector, []string{"X"}, qubit)
			}
		}
		return nil
	}
	return p.run.gate(p.vector, item)
}

func (p *path) loop(ctx context.Context, item *aqo.Operation) error {
	for round := uint64(0); item.Cond.Holds(p.bits); round++ {
		if round == item.Max {
			return failure.New("EIGEN_SIM_LOOP_BOUND", "a WHILE wants to go on beyond its bound")
		}
		if err := over(ctx); err != nil {
			return err
		}
		if err := p.walk(ctx, item.Body); err != nil {
			return err
		}
	}
	return nil
}

// measure draws the outcome of a qubit and leaves the state that belongs to it.
func (p *path) measure(qubit int) bool {
	one := min(max(p.vector.One(qubit), 0), 1)
	outcome := p.random.Float64() < one
	weight := one
	if !outcome {
		weight = 1 - one
	}
	p.vector.Project(qubit, outcome, 1/math.Sqrt(weight))
	return outcome
}
