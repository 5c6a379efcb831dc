package server

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"eigenos/godriver/driverpb"
	"eigenos/godriver/failure"
)

const failureKey = "eigen-failure-bin"

// errGoesOn is the end of a wait, not of the work.
var errGoesOn = errors.New("the work goes on")

// Told makes of a call's error the status and the `Failure` of the contract.
func Told(
	ctx context.Context, request any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler,
) (reply any, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			reply, err = nil, tell(ctx, failure.New("EIGEN_DEVICE_FAILED", "%v", fault))
		}
	}()
	reply, err = handler(ctx, request)
	if err != nil {
		return nil, tell(ctx, err)
	}
	return reply, nil
}

func tell(ctx context.Context, err error) error {
	if errors.Is(err, errGoesOn) {
		return status.Error(codes.DeadlineExceeded, err.Error())
	}
	var found *failure.Failure
	if !errors.As(err, &found) {
		found = failure.New("EIGEN_DEVICE_FAILED", "%v", err)
	}
	told, err := proto.Marshal(&driverpb.Failure{
		Code: found.Code, Message: found.Message, Where: found.Where, Hint: found.Hint,
	})
	if err != nil {
		return fmt.Errorf("a failure that cannot be told: %w", err)
	}
	if err := grpc.SetTrailer(ctx, metadata.Pairs(failureKey, string(told))); err != nil {
		return err
	}
	return status.Error(codes.FailedPrecondition, found.Message)
}
