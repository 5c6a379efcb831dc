package gates

import (
	"math"
	"math/cmplx"
)

const root = math.Sqrt2 / 2

var (
	pauliX   = Matrix{0, 1, 1, 0}
	hadamard = Matrix{root, root, root, -root}
	swap     = exchange(0, 1, 1, 0, 1)
	ecr      = Matrix{
		0, root, 0, root * 1i,
		root, 0, -root * 1i, 0,
		0, root * 1i, 0, root,
		-root * 1i, 0, root, 0,
	}
	paulis = map[byte]Matrix{'I': {1, 0, 0, 1}, 'X': pauliX, 'Y': {0, -1i, 1i, 0}, 'Z': {1, 0, 0, -1}}
)

func cis(angle float64) complex128 { return cmplx.Rect(1, angle) }

// half gives cosine and sine of half an angle.
func half(angle float64) (c, s complex128) {
	return complex(math.Cos(angle/2), 0), complex(math.Sin(angle/2), 0)
}

func rx(p []float64) Matrix {
	c, s := half(p[0])
	return Matrix{c, -1i * s, -1i * s, c}
}

func ry(p []float64) Matrix {
	c, s := half(p[0])
	return Matrix{c, -s, s, c}
}

func rz(p []float64) Matrix { return Matrix{cis(-p[0] / 2), 0, 0, cis(p[0] / 2)} }

func phase(p []float64) Matrix { return Matrix{1, 0, 0, cis(p[0])} }

func u(p []float64) Matrix {
	c, s := half(p[0])
	return Matrix{c, -cis(p[2]) * s, cis(p[1]) * s, cis(p[1]+p[2]) * c}
}

func cu(p []float64) Matrix {
	matrix := u(p)
	for place := range matrix {
		matrix[place] *= cis(p[3])
	}
	return matrix
}

// exchange acts on the span of 01 and 10, and puts last on 11.
func exchange(a, b, c, d, last complex128) Matrix {
	return Matrix{1, 0, 0, 0, 0, a, b, 0, 0, c, d, 0, 0, 0, 0, last}
}

func fsim(p []float64) Matrix {
	c, s := complex(math.Cos(p[0]), 0), complex(0, -math.Sin(p[0]))
	return exchange(c, s, s, c, cis(-p[1]))
}

func xxPlusYY(p []float64) Matrix {
	c, s := half(p[0])
	return exchange(c, -1i*s*cis(-p[1]), -1i*s*cis(p[1]), c, 1)
}

func turns(fraction float64) float64 { return 2 * math.Pi * fraction }

func gpi(p []float64) Matrix {
	angle := turns(p[0])
	return Matrix{0, cis(-angle), cis(angle), 0}
}

func gpi2(p []float64) Matrix {
	angle := turns(p[0])
	return Matrix{root, -root * 1i * cis(-angle), -root * 1i * cis(angle), root}
}

func ms(p []float64) Matrix {
	c, s := half(turns(p[2]))
	sum, difference := turns(p[0]+p[1]), turns(p[0]-p[1])
	m := -1i * s
	return Matrix{
		c, 0, 0, m * cis(-sum),
		0, c, m * cis(difference), 0,
		0, m * cis(-difference), c, 0,
		m * cis(sum), 0, 0, c,
	}
}

// rotation is exp(-i angle/2 P); the first letter acts on the first qubit.
func rotation(angle float64, letters string) Matrix {
	product := Matrix{1}
	size := 1
	for place := range len(letters) {
		product = above(product, size, paulis[letters[place]])
		size *= 2
	}
	c, s := half(angle)
	for place := range product {
		product[place] *= -1i * s
		if place%(size+1) == 0 {
			product[place] += c
		}
	}
	return product
}

// above is the Kronecker product of a matrix on the qubits that are there and one on the next qubit.
func above(low Matrix, size int, high Matrix) Matrix {
	wide := make(Matrix, 4*size*size)
	for row := range 2 * size {
		for column := range 2 * size {
			wide[row*2*size+column] = high[row/size*2+column/size] * low[row%size*size+column%size]
		}
	}
	return wide
}
