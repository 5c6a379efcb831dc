// Package server is the service `eigen.driver.v1.Driver` over the engine.
package server

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"eigenos/godriver/driverpb"
	"eigenos/godriver/engine"
	"eigenos/godriver/failure"
	"eigenos/godriver/gates"
)

const (
	protocol = 1
	// mostBytes is the largest message that is taken.
	mostBytes = 256 << 20
)

// Service answers one caller.
type Service struct {
	driverpb.UnimplementedDriverServer

	shelf        *shelf
	table        *table
	folder       string
	messageBytes int
	threads      int
}

// New makes a server of the contract, which its caller lets listen.
func New() *grpc.Server {
	served := grpc.NewServer(
		grpc.MaxRecvMsgSize(mostBytes), grpc.MaxSendMsgSize(mostBytes), grpc.UnaryInterceptor(Told),
	)
	service := &Service{shelf: newShelf(), table: newTable(), messageBytes: 1 << 20, threads: runtime.NumCPU()}
	driverpb.RegisterDriverServer(served, service)
	return served
}

// Handshake says who this is.
func (s *Service) Handshake(
	_ context.Context, asked *driverpb.HandshakeRequest,
) (*driverpb.HandshakeReply, error) {
	if !slices.Contains(asked.Protocols, protocol) {
		return nil, failure.New("EIGEN_CONTRACT_VERSION",
			"this driver speaks version %d, not %v", protocol, asked.Protocols)
	}
	config := map[string]any{}
	if len(asked.ConfigJson) > 0 {
		if err := json.Unmarshal(asked.ConfigJson, &config); err != nil {
			return nil, failure.New("EIGEN_CONFIG_INVALID", "the settings are no object: %v", err)
		}
	}
	for name := range config {
		found := failure.New("EIGEN_CONFIG_INVALID", "driver `%s` has no setting `%s`", engine.Name, name)
		found.Where = name
		return nil, found
	}
	s.folder = asked.Folder
	if asked.MessageBytes > 0 {
		s.messageBytes = int(min(asked.MessageBytes, mostBytes))
	}
	if asked.Threads > 0 {
		s.threads = int(asked.Threads)
	}
	return &driverpb.HandshakeReply{Protocol: protocol, Name: engine.Name, Version: engine.Version}, nil
}

// GetDevices tells the one device.
func (s *Service) GetDevices(context.Context, *driverpb.GetDevicesRequest) (*driverpb.GetDevicesReply, error) {
	properties, err := json.Marshal(map[string]any{
		"engine": engine.Name, "method": "statevector", "precision": "f64", "version": engine.Version,
	})
	if err != nil {
		return nil, err
	}
	features := []string{"dynamic", "exact", "expectation", "seed"}
	return &driverpb.GetDevicesReply{Devices: []*driverpb.Device{{
		Id:             engine.Device,
		Name:           "State vector in Go",
		BackendType:    "simulator",
		NumQubits:      engine.MostQubits,
		Gates:          gates.Names(),
		Features:       features,
		MaxShots:       engine.MostShots,
		Status:         "ONLINE",
		PropertiesJson: properties,
	}}}, nil
}

// GetDeviceStatus says that it takes work.
func (s *Service) GetDeviceStatus(
	_ context.Context, asked *driverpb.DeviceRequest,
) (*driverpb.DeviceStatusReply, error) {
	if err := known(asked.DeviceId); err != nil {
		return nil, err
	}
	return &driverpb.DeviceStatusReply{Status: "ONLINE"}, nil
}

// Calibrate finds nothing to measure.
func (s *Service) Calibrate(_ context.Context, asked *driverpb.DeviceRequest) (*driverpb.CalibrateReply, error) {
	if err := known(asked.DeviceId); err != nil {
		return nil, err
	}
	return &driverpb.CalibrateReply{}, nil
}

// Submit takes work.
func (s *Service) Submit(_ context.Context, asked *driverpb.SubmitRequest) (*driverpb.SubmitReply, error) {
	if handle := s.table.adopt(asked.Key); handle != nil {
		return taken(*handle), nil
	}
	if err := known(asked.DeviceId); err != nil {
		return nil, err
	}
	asks, missing, err := s.read(asked.Works)
	if err != nil {
		return nil, err
	}
	if len(missing) > 0 {
		return &driverpb.SubmitReply{
			Reply: &driverpb.SubmitReply_Missing{Missing: &driverpb.MissingDocuments{Sha256: missing}},
		}, nil
	}
	handle, err := s.table.submit(asked.Key, func(ctx context.Context) (*driverpb.WorkResults, error) {
		return s.answer(ctx, asks)
	})
	if err != nil {
		return nil, err
	}
	return taken(handle), nil
}

// Poll says where work stands.
func (s *Service) Poll(_ context.Context, asked *driverpb.HandleRequest) (*driverpb.PollReply, error) {
	return &driverpb.PollReply{State: s.table.poll(asked.Handle)}, nil
}

// Result waits for what comes of work; what is large goes into a file.
func (s *Service) Result(ctx context.Context, asked *driverpb.ResultRequest) (*driverpb.ResultReply, error) {
	results, err := s.table.result(ctx, asked.Handle, asked.TimeoutSec)
	if err != nil {
		return nil, err
	}
	if s.folder == "" || proto.Size(results) <= s.messageBytes {
		return &driverpb.ResultReply{Reply: &driverpb.ResultReply_Results{Results: results}}, nil
	}
	data, err := proto.Marshal(results)
	if err != nil {
		return nil, err
	}
	var random [16]byte
	if _, err := rand.Read(random[:]); err != nil {
		return nil, err
	}
	name, sum := hex.EncodeToString(random[:]), sha256.Sum256(data)
	if err := os.WriteFile(filepath.Join(s.folder, name), data, 0o600); err != nil {
		return nil, failure.New("EIGEN_DEVICE_FAILED", "a large result cannot be handed over: %v", err)
	}
	return &driverpb.ResultReply{Reply: &driverpb.ResultReply_File{
		File: &driverpb.File{Name: name, Sha256: sum[:]},
	}}, nil
}

// Adopt finds the handle of a key.
func (s *Service) Adopt(_ context.Context, asked *driverpb.AdoptRequest) (*driverpb.AdoptReply, error) {
	return &driverpb.AdoptReply{Handle: s.table.adopt(asked.Key)}, nil
}

// Cancel stops work.
func (s *Service) Cancel(_ context.Context, asked *driverpb.HandleRequest) (*driverpb.CancelReply, error) {
	return &driverpb.CancelReply{Cancelled: s.table.cancel(asked.Handle)}, nil
}

// Health says that this process lives.
func (s *Service) Health(context.Context, *driverpb.HealthRequest) (*driverpb.HealthReply, error) {
	return &driverpb.HealthReply{ResidentBytes: residentBytes(), Running: s.table.running.Load()}, nil
}

func known(device string) error {
	if device == engine.Device {
		return nil
	}
	return failure.New("EIGEN_DEVICE_UNKNOWN", "driver `%s` has no device `%s`", engine.Name, device)
}

func taken(handle string) *driverpb.SubmitReply {
	return &driverpb.SubmitReply{Reply: &driverpb.SubmitReply_Handle{Handle: handle}}
}

func residentBytes() uint64 {
	data, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	var total, resident uint64
	if _, err := fmt.Sscan(string(data), &total, &resident); err != nil {
		return 0
	}
	return resident * uint64(os.Getpagesize())
}
