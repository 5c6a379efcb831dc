// Package failure holds what a driver cannot or will not do, in words for who asked.
package failure

import "fmt"

// Failure is an error with a code of Eigen OS's table of errors.
type Failure struct {
	Code, Message, Where, Hint string
}

func (f *Failure) Error() string { return f.Message }

// New makes a Failure with a formatted message.
func New(code, format string, arguments ...any) *Failure {
	return &Failure{Code: code, Message: fmt.Sprintf(format, arguments...)}
}
