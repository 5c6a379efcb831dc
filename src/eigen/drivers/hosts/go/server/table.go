package server

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"eigenos/godriver/driverpb"
	"eigenos/godriver/failure"
)

// mostKept is how many pieces of work are remembered after their end; the oldest go first.
const mostKept = 10_000

// work is one piece, under its key and its handle.
type work struct {
	handle, key string
	run         func(context.Context) (*driverpb.WorkResults, error)
	cancel      context.CancelFunc
	ended       chan struct{}

	// Of the table's lock:
	state   string
	results *driverpb.WorkResults
	err     error
}

// table runs work in the order it came, one piece at a time; a key runs once. It is safe for goroutines.
type table struct {
	lock     sync.Mutex
	byHandle map[string]*work
	byKey    map[string]*work
	over     []*work
	waiting  chan *work
	count    int
	running  atomic.Uint32
}

func newTable() *table {
	t := &table{byHandle: map[string]*work{}, byKey: map[string]*work{}, waiting: make(chan *work, 1<<16)}
	go func() {
		for piece := range t.waiting {
			t.do(piece)
		}
	}()
	return t
}

// submit gives the handle of a key's work, which begins when its turn comes.
func (t *table) submit(key string, run func(context.Context) (*driverpb.WorkResults, error)) (string, error) {
	t.lock.Lock()
	defer t.lock.Unlock()
	if known, is := t.byKey[key]; is {
		return known.handle, nil
	}
	t.count++
	piece := &work{handle: fmt.Sprintf("w%d", t.count), key: key, run: run, ended: make(chan struct{}), state: "QUEUED"}
	select {
	case t.waiting <- piece:
	default:
		return "", failure.New("EIGEN_DEVICE_FAILED", "too much work waits")
	}
	t.byHandle[piece.handle], t.byKey[key] = piece, piece
	return piece.handle, nil
}

// adopt gives the handle of a key, if it is known.
func (t *table) adopt(key string) *string {
	t.lock.Lock()
	defer t.lock.Unlock()
	if known, is := t.byKey[key]; is {
		return &known.handle
	}
	return nil
}

// poll says where work stands.
func (t *table) poll(handle string) string {
	t.lock.Lock()
	defer t.lock.Unlock()
	if piece, is := t.byHandle[handle]; is {
		return piece.state
	}
	return "UNKNOWN"
}

// result waits for work, for ever when there is no limit.
func (t *table) result(ctx context.Context, handle string, limit *float64) (*driverpb.WorkResults, error) {
	t.lock.Lock()
	piece, is := t.byHandle[handle]
	t.lock.Unlock()
	if !is {
		return nil, failure.New("EIGEN_DEVICE_FAILED", "there is no work of handle `%s`", handle)
	}
	var late <-chan time.Time
	if limit != nil {
		timer := time.NewTimer(time.Duration(max(*limit, 0) * float64(time.Second)))
		defer timer.Stop()
		late = timer.C
	}
	select {
	case <-piece.ended:
	default:
		select {
		case <-piece.ended:
		case <-late:
			return nil, errGoesOn
		case <-ctx.Done():
			return nil, errGoesOn
		}
	}
	return piece.results, piece.err
}

// cancel stops work; false when it had ended.
func (t *table) cancel(handle string) bool {
	t.lock.Lock()
	defer t.lock.Unlock()
	piece, is := t.byHandle[handle]
	if !is || piece.state != "QUEUED" && piece.state != "RUNNING" {
		return false
	}
	if piece.cancel != nil {
		piece.cancel()
	}
	t.end(piece, "CANCELLED", nil, failure.New("EIGEN_RUN_CANCELLED", "`%s` was cancelled", handle))
	return true
}

func (t *table) do(piece *work) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	t.lock.Lock()
	if piece.state != "QUEUED" {
		t.lock.Unlock()
		return
	}
	piece.state, piece.cancel = "RUNNING", cancel
	t.lock.Unlock()
	t.running.Add(1)
	results, err := safely(ctx, piece.run)
	t.running.Add(^uint32(0))
	t.lock.Lock()
	defer t.lock.Unlock()
	if piece.state != "RUNNING" {
		return
	}
	if err != nil {
		t.end(piece, "FAILED", nil, err)
		return
	}
	t.end(piece, "DONE", results, nil)
}

func safely(
	ctx context.Context, run func(context.Context) (*driverpb.WorkResults, error),
) (results *driverpb.WorkResults, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = failure.New("EIGEN_DEVICE_FAILED", "%v", fault)
		}
	}()
	return run(ctx)
}

// end keeps what came of work, under the lock.
func (t *table) end(piece *work, state string, results *driverpb.WorkResults, err error) {
	piece.state, piece.results, piece.err, piece.run = state, results, err, nil
	close(piece.ended)
	t.over = append(t.over, piece)
	if len(t.over) > mostKept {
		delete(t.byHandle, t.over[0].handle)
		delete(t.byKey, t.over[0].key)
		t.over = t.over[1:]
	}
}
