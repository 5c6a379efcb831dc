package aqo

import (
	"fmt"
)

// Condition is a question about the classical bits while a circuit runs.
type Condition struct {
	Const *bool       `json:"const"`
	Bit   *int        `json:"bit"`
	Bits  []int       `json:"bits"` // the first is the least significant
	Cmp   string      `json:"cmp"`
	Value uint64      `json:"value"`
	Not   *Condition  `json:"not"`
	And   []Condition `json:"and"`
	Or    []Condition `json:"or"`
	Xor   []Condition `json:"xor"`
}

// Holds answers it for the values of all classical bits.
func (c *Condition) Holds(bits []bool) bool {
	switch {
	case c.Const != nil:
		return *c.Const
	case c.Bit != nil:
		return bits[*c.Bit]
	case c.Bits != nil:
		return compare(c.number(bits), c.Cmp, c.Value)
	case c.Not != nil:
		return !c.Not.Holds(bits)
	case c.And != nil:
		return count(c.And, bits) == len(c.And)
	case c.Or != nil:
		return count(c.Or, bits) > 0
	}
	return count(c.Xor, bits)%2 == 1
}

func (c *Condition) number(bits []bool) uint64 {
	var number uint64
	for place, bit := range c.Bits {
		if bits[bit] {
			number |= 1 << place
		}
	}
	return number
}

func count(parts []Condition, bits []bool) int {
	held := 0
	for place := range parts {
		if parts[place].Holds(bits) {
			held++
		}
	}
	return held
}

func compare(number uint64, comparison string, value uint64) bool {
	switch comparison {
	case "==":
		return number == value
	case "!=":
		return number != value
	case "<":
		return number < value
	case "<=":
		return number <= value
	case ">":
		return number > value
	}
	return number >= value
}

// check refuses a condition of no kind, and one about bits that are not there.
func (c *Condition) check(numBits int) error {
	switch {
	case c.Const != nil:
		return nil
	case c.Bit != nil:
		return within([]int{*c.Bit}, numBits)
	case c.Bits != nil:
		if len(c.Bits) > 64 {
			return fmt.Errorf("a comparison of %d bits", len(c.Bits))
		}
		return within(c.Bits, numBits)
	case c.Not != nil:
		return c.Not.check(numBits)
	}
	for _, parts := range [][]Condition{c.And, c.Or, c.Xor} {
		for place := range parts {
			if err := parts[place].check(numBits); err != nil {
				return err
			}
		}
		if parts != nil {
			return nil
		}
	}
	return fmt.Errorf("a condition that asks nothing")
}

func within(indices []int, size int) error {
	for _, index := range indices {
		if index < 0 || index >= size {
			return fmt.Errorf("index %d where there are %d", index, size)
		}
	}
	return nil
}
