package server

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"eigenos/godriver/aqo"
	"eigenos/godriver/driverpb"
	"eigenos/godriver/engine"
	"eigenos/godriver/failure"
)

// wide circuits of a batch run one after the other, each on all processors; narrower ones side by side.
const wide = 15

// ask is one question, read.
type ask struct {
	work       *driverpb.Work
	circuit    *aqo.Circuit
	observable *aqo.Observable
}

// read makes questions of the works of a request; missing are the documents that were named and are not here.
func (s *Service) read(works []*driverpb.Work) (asks []ask, missing [][]byte, err error) {
	for _, work := range works {
		one := ask{work: work}
		observed := (*driverpb.Document)(nil)
		switch kind := work.Work.(type) {
		case *driverpb.Work_Sample:
		case *driverpb.Work_Expectation:
			observed = kind.Expectation.Observable
			if kind.Expectation.Shots != nil {
				return nil, nil, shotsElsewhere()
			}
		case *driverpb.Work_Probability:
			if kind.Probability.Shots != nil {
				return nil, nil, shotsElsewhere()
			}
		case *driverpb.Work_Gradient:
			return nil, nil, failure.New("EIGEN_SIM_UNSUPPORTED", "`%s` does not differentiate", engine.Device)
		case *driverpb.Work_Evolution:
			return nil, nil, failure.New("EIGEN_SIM_UNSUPPORTED", "`%s` does not evolve in time", engine.Device)
		case nil:
			return nil, nil, failure.New("EIGEN_REQUEST_INVALID", "the request names no work")
		default:
			return nil, nil, failure.New("EIGEN_SIM_UNSUPPORTED", "`%s` does not do work of this kind", engine.Device)
		}
		if err := refuseOptions(work.OptionsJson); err != nil {
			return nil, nil, err
		}
		one.circuit, err = take(s.shelf, "circuit", work.Circuit, &missing, aqo.ReadCircuit)
		if err == nil && observed != nil {
			one.observable, err = take(s.shelf, "observable", observed, &missing, aqo.ReadObservable)
		}
		if err != nil {
			return nil, nil, err
		}
		asks = append(asks, one)
	}
	return asks, missing, nil
}

func shotsElsewhere() error {
	return failure.New("EIGEN_SIM_UNSUPPORTED", "estimates from shots are made of samples, by who asks")
}

// refuseOptions refuses all of them by name: there are none.
func refuseOptions(data []byte) error {
	options := map[string]any{}
	if len(data) > 0 {
		if err := json.Unmarshal(data, &options); err != nil {
			return failure.New("EIGEN_REQUEST_INVALID", "the options are no object: %v", err)
		}
	}
	for name := range options {
		found := failure.New("EIGEN_DEVICE_OPTION", "`%s` has no option `%s`", engine.Device, name)
		found.Where, found.Hint = name, "there are: none"
		return found
	}
	return nil
}

// answer answers questions in their order; the first that fails fails them all.
func (s *Service) answer(ctx context.Context, asks []ask) (*driverpb.WorkResults, error) {
	results := make([]*driverpb.WorkResult, len(asks))
	if len(asks) == 1 || slices.ContainsFunc(asks, func(one ask) bool { return one.circuit.Qubits >= wide }) {
		for place, one := range asks {
			var err error
			if results[place], err = s.one(ctx, one, s.threads); err != nil {
				return nil, err
			}
		}
		return &driverpb.WorkResults{Results: results}, nil
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var group sync.WaitGroup
	free := make(chan struct{}, s.threads)
	for place, one := range asks {
		free <- struct{}{}
		group.Add(1)
		go func() {
			defer func() { <-free; group.Done() }()
			var err error
			if results[place], err = s.one(ctx, one, 1); err != nil {
				stop(err)
			}
		}()
	}
	group.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	return &driverpb.WorkResults{Results: results}, nil
}

func (s *Service) one(ctx context.Context, asked ask, threads int) (*driverpb.WorkResult, error) {
	started := time.Now()
	run := &engine.Run{Circuit: asked.circuit, Values: asked.work.Values, Threads: threads}
	result := new(driverpb.WorkResult)
	told := map[string]any{
		"engine": engine.Name, "version": engine.Version, "method": "statevector", "precision": "f64",
	}
	switch kind := asked.work.Work.(type) {
	case *driverpb.Work_Sample:
		told["seed"] = kind.Sample.Seed
		if kind.Sample.Shots > engine.MostShots { // also where it does not fit an int
			kind.Sample.Shots = engine.MostShots + 1
		}
		counts, err := run.Sample(ctx, int(kind.Sample.Shots), kind.Sample.Seed)
		if err != nil {
			return nil, err
		}
		result.Counts = columns(counts, asked.circuit.Clbits)
	case *driverpb.Work_Expectation:
		value, err := run.Expectation(ctx, asked.observable)
		if err != nil {
			return nil, err
		}
		result.Value = &value
	case *driverpb.Work_Probability:
		value, err := run.Probability(ctx, kind.Probability.Bits)
		if err != nil {
			return nil, err
		}
		result.Value = &value
	}
	metadata, err := json.Marshal(told)
	if err != nil {
		return nil, err
	}
	result.MetadataJson = metadata
	result.ExecutionTimeSec = time.Since(started).Seconds()
	return result, nil
}

// columns writes counts as the contract has them: outcomes ascending, as numbers.
func columns(counts engine.Counts, clbits int) *driverpb.Counts {
	outcomes := make([]string, 0, len(counts))
	for outcome := range counts {
		outcomes = append(outcomes, outcome)
	}
	slices.SortFunc(outcomes, func(a, b string) int {
		for place := len(a) - 1; place >= 0; place-- {
			if a[place] != b[place] {
				return int(a[place]) - int(b[place])
			}
		}
		return 0
	})
	found := &driverpb.Counts{NumClbits: int64(clbits)}
	for _, outcome := range outcomes {
		found.Keys = append(found.Keys, outcome...)
		found.Values = append(found.Values, counts[outcome])
	}
	return found
}
