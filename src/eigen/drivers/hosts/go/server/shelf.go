package server

import (
	"container/list"
	"crypto/sha256"
	"sync"

	"eigenos/godriver/driverpb"
	"eigenos/godriver/failure"
)

// shelfBytes of documents are kept; the newest stays, however large.
const shelfBytes = 256 << 20

// shelf keeps documents that came once, by kind and sha256. It is safe for goroutines.
type shelf struct {
	lock  sync.Mutex
	kept  map[string]*list.Element
	order list.List // of *book, the newest first
	bytes int
}

type book struct {
	name  string
	value any
	bytes int
}

func newShelf() *shelf { return &shelf{kept: map[string]*list.Element{}} }

// take gives what read made of a document; of one that is not here it adds the sha256 to missing, and gives the zero
// value.
func take[T any](
	s *shelf, kind string, document *driverpb.Document, missing *[][]byte, read func([]byte) (T, error),
) (T, error) {
	var none T
	name := kind + string(document.GetSha256())
	s.lock.Lock()
	if found, is := s.kept[name]; is {
		s.order.MoveToFront(found)
		s.lock.Unlock()
		return found.Value.(*book).value.(T), nil
	}
	s.lock.Unlock()
	if document == nil || document.Data == nil {
		*missing = append(*missing, document.GetSha256())
		return none, nil
	}
	if sum := sha256.Sum256(document.Data); string(sum[:]) != string(document.Sha256) {
		return none, failure.New("EIGEN_REQUEST_INVALID", "a document does not have the sha256 that it names")
	}
	value, err := read(document.Data)
	if err != nil {
		return none, err
	}
	s.put(&book{name, value, len(document.Data)})
	return value, nil
}

func (s *shelf) put(found *book) {
	s.lock.Lock()
	defer s.lock.Unlock()
	if _, is := s.kept[found.name]; is {
		return
	}
	s.kept[found.name] = s.order.PushFront(found)
	s.bytes += found.bytes
	for s.bytes > shelfBytes && s.order.Len() > 1 {
		oldest := s.order.Remove(s.order.Back()).(*book)
		delete(s.kept, oldest.name)
		s.bytes -= oldest.bytes
	}
}
