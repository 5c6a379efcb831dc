package aqo

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"eigenos/godriver/failure"
)

// Observable is a sum of products of Pauli letters with real weights.
type Observable struct {
	Qubits int
	Terms  []Product
}

// Product is one term: bit k of Flips says that qubit k has an X or a Y, of Signs a Z or a Y.
type Product struct {
	Flips, Signs uint64
	Weight       float64
}

// ReadObservable reads a document; the error is a Failure.
func ReadObservable(data []byte) (*Observable, error) {
	var document struct {
		Qubits int                  `json:"qubits"`
		Terms  [][2]json.RawMessage `json:"terms"`
	}
	if err := json.Unmarshal(data, &document); err != nil {
		return nil, failure.New("EIGEN_OBSERVABLE_INVALID", "the document is no observable: %v", err)
	}
	found := &Observable{Qubits: document.Qubits, Terms: make([]Product, 0, len(document.Terms))}
	for _, pair := range document.Terms {
		product, err := readProduct(pair, document.Qubits)
		if err != nil {
			return nil, failure.New("EIGEN_OBSERVABLE_INVALID", "the document is no observable: %v", err)
		}
		found.Terms = append(found.Terms, product)
	}
	return found, nil
}

func readProduct(pair [2]json.RawMessage, qubits int) (Product, error) {
	var label string
	var product Product
	if err := json.Unmarshal(pair[0], &label); err != nil {
		return product, err
	}
	if err := json.Unmarshal(pair[1], &product.Weight); err != nil {
		return product, err
	}
	for _, factor := range strings.Fields(label) {
		qubit, err := strconv.Atoi(factor[1:])
		if err != nil {
			return product, err
		}
		if qubit < 0 || qubit >= min(qubits, 64) {
			return product, fmt.Errorf("`%s` of %d qubits", factor, qubits)
		}
		bit := uint64(1) << qubit
		if (product.Flips|product.Signs)&bit != 0 {
			return product, fmt.Errorf("qubit %d twice", qubit)
		}
		switch factor[0] {
		case 'X':
			product.Flips |= bit
		case 'Y':
			product.Flips |= bit
			product.Signs |= bit
		case 'Z':
			product.Signs |= bit
		default:
			return product, fmt.Errorf("`%s` is no Pauli letter", factor)
		}
	}
	return product, nil
}
