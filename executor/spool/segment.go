package spool

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pglogrepl"

	"sluice/executor/stream"
)

// Owner says whose changes a spool has. It is in every segment.
type Owner struct {
	Lineage string `json:"lineage"` // of the migration's state
	System  string `json:"system"`  // identifier of the source
	Slot    string `json:"slot"`
}

// header is the first record of a segment, as JSON.
type header struct {
	Format int `json:"format"`
	Owner
}

// format is of the files. Those of another one are not read.
const format = 1

// segment is one file.
type segment struct {
	number int64         // grows by one with each
	begins pglogrepl.LSN // what was committed before is in earlier ones
	size   int64         // bytes of whole transactions, on the disk
}

// buffer is what is written at once.
const buffer = 256 << 10

const suffix = ".changes"

func (s segment) name() string { return fmt.Sprintf("%010d%s", s.number, suffix) }

// numbers are those of the segments in a directory, in order.
func numbers(dir string) (found []int64, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if text, ok := strings.CutSuffix(e.Name(), suffix); ok {
			n, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				return nil, fmt.Errorf("%s is no segment of a spool", filepath.Join(dir, e.Name()))
			}
			found = append(found, n)
		}
	}
	slices.Sort(found)
	return found, nil
}

// A record is the length of its data, a checksum of everything else in it, a
// position, and the data. Without data it says that everything before the position
// has been sent.
const recordHead = 4 + 4 + 8

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(head, data []byte) uint32 {
	sum := crc32.Update(0, castagnoli, head[:4])
	sum = crc32.Update(sum, castagnoli, head[8:])
	return crc32.Update(sum, castagnoli, data)
}

// buffered is a bufio.Writer or a bytes.Buffer, which lend memory for a head.
type buffered interface {
	io.Writer
	AvailableBuffer() []byte
}

// writeRecord writes a record, and says how long it is.
func writeRecord(w buffered, lsn pglogrepl.LSN, data []byte) (int64, error) {
	head := binary.BigEndian.AppendUint32(w.AvailableBuffer(), uint32(len(data)))
	head = binary.BigEndian.AppendUint64(append(head, 0, 0, 0, 0), uint64(lsn))
	binary.BigEndian.PutUint32(head[4:], checksum(head, data))
	if _, err := w.Write(head); err != nil {
		return 0, err
	}
	_, err := w.Write(data)
	return int64(recordHead + len(data)), err
}

// errTorn is a record that is not whole, or not as it was written.
var errTorn = errors.New("a record is damaged")

// records reads a file's records one after the other. What it returns stays as it
// is.
type records struct {
	file   io.ReaderAt
	offset int64  // of the next record
	memory []byte // what was read from there on
}

// slab is what is read at once, where there is as much.
const slab = 1 << 20

// next returns the next record of those before limit; io.EOF: there is none.
func (r *records) next(limit int64) (item stream.Item, err error) {
	if r.offset == limit {
		return item, io.EOF
	}
	head, err := r.peek(recordHead, limit)
	if err != nil {
		return item, err
	}
	length := recordHead + int64(binary.BigEndian.Uint32(head))
	record, err := r.peek(length, limit)
	if err != nil {
		return item, err
	}
	head = record[:recordHead]
	item.LSN = pglogrepl.LSN(binary.BigEndian.Uint64(head[8:]))
	if length > recordHead {
		item.Data = record[recordHead:]
	}
	if binary.BigEndian.Uint32(head[4:]) != checksum(head, item.Data) {
		return item, errTorn
	}
	r.offset += length
	r.memory = r.memory[length:]
	return item, nil
}

// peek returns the next n bytes, which must be before limit.
func (r *records) peek(n, limit int64) ([]byte, error) {
	if n > limit-r.offset {
		return nil, errTorn
	}
	if have := int64(len(r.memory)); have < n {
		memory := make([]byte, min(max(n, slab), limit-r.offset))
		copy(memory, r.memory)
		if _, err := r.file.ReadAt(memory[have:], r.offset+have); errors.Is(err, io.EOF) {
			return nil, errTorn
		} else if err != nil {
			return nil, err
		}
		r.memory = memory
	}
	return r.memory[:n:n], nil
}

// readHeader reads the first record of a segment.
func (r *records) readHeader(limit int64) (h header, begins pglogrepl.LSN, err error) {
	item, err := r.next(limit)
	if err != nil {
		return h, 0, err
	}
	if err := json.Unmarshal(item.Data, &h); err != nil {
		return h, 0, err
	}
	if h.Format != format {
		return h, 0, fmt.Errorf("it has format %d, this sluice knows format %d: use the sluice that wrote it, or a newer one", h.Format, format)
	}
	return h, item.LSN, nil
}

// create makes a segment's file with its header and the announced tables. It has
// its name once all that is on the disk: a segment that is there is whole up to
// its first transaction.
func create(dir string, s *segment, of Owner, announced map[uint32][]byte) (_ *os.File, err error) {
	const unfinished = "unfinished"
	file, err := os.OpenFile(filepath.Join(dir, unfinished), os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			file.Close()
			os.Remove(file.Name())
			os.Remove(filepath.Join(dir, s.name()))
		}
	}()
	first, err := json.Marshal(header{format, of})
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	add := func(data []byte) { _, _ = writeRecord(&text, s.begins, data) } // into memory
	add(first)
	for _, id := range slices.Sorted(maps.Keys(announced)) {
		add(announced[id])
	}
	s.size = int64(text.Len())
	if _, err := file.Write(text.Bytes()); err != nil {
		return nil, err
	}
	if err := file.Sync(); err != nil {
		return nil, err
	}
	if err := os.Rename(file.Name(), filepath.Join(dir, s.name())); err != nil {
		return nil, err
	}
	return file, syncDir(dir)
}

// syncDir makes the names in a directory last.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
