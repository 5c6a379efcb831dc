package aqo

import (
	"encoding/json"
	"sort"
)

// Angle is a number of radians (turns for GPI, GPI2 and MS): Constant plus the sum of factor times parameter.
type Angle struct {
	Constant float64
	Terms    []Term
}

// Term is a factor of one of the circuit's parameters.
type Term struct {
	Parameter string
	Factor    float64
}

// At is the angle at the values of the circuit's parameters.
func (a Angle) At(values map[string]float64) float64 {
	total := a.Constant
	for _, term := range a.Terms {
		total += term.Factor * values[term.Parameter]
	}
	return total
}

// UnmarshalJSON reads a number, the name of a parameter, or {"const": number, "terms": {name: factor}}.
func (a *Angle) UnmarshalJSON(data []byte) error {
	switch data[0] {
	case '"':
		var name string
		if err := json.Unmarshal(data, &name); err != nil {
			return err
		}
		a.Terms = []Term{{name, 1}}
		return nil
	case '{':
		var parts struct {
			Const float64            `json:"const"`
			Terms map[string]float64 `json:"terms"`
		}
		if err := json.Unmarshal(data, &parts); err != nil {
			return err
		}
		a.Constant = parts.Const
		for name, factor := range parts.Terms {
			a.Terms = append(a.Terms, Term{name, factor})
		}
		sort.Slice(a.Terms, func(i, j int) bool { return a.Terms[i].Parameter < a.Terms[j].Parameter })
		return nil
	default:
		return json.Unmarshal(data, &a.Constant)
	}
}
