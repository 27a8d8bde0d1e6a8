package introspect

import "github.com/jackc/pgx/v5/pgtype"

// stableTypes have send and receive functions that no release has changed since
// 10, and that write nothing which is only this server's own: no OID of a user's
// object (regclass, composite types, an enum's array), no locale (money), no
// library's version (xml). A type's OID is fixed: pg_type.dat.
//
// tsquery (3615) is not among them: of an empty query tsquerysend writes that it
// has no items, and tsqueryrecv looks for one nevertheless and refuses it.
// src/backend/utils/adt/tsquery.c
var stableTypes = map[uint32]bool{
	pgtype.BoolOID:        true,
	pgtype.ByteaOID:       true,
	pgtype.QCharOID:       true,
	pgtype.NameOID:        true,
	pgtype.Int2OID:        true,
	pgtype.Int4OID:        true,
	pgtype.Int8OID:        true,
	pgtype.TextOID:        true,
	pgtype.VarcharOID:     true,
	pgtype.BPCharOID:      true,
	pgtype.OIDOID:         true,
	pgtype.Float4OID:      true,
	pgtype.Float8OID:      true,
	pgtype.NumericOID:     true,
	pgtype.DateOID:        true,
	pgtype.TimeOID:        true,
	pgtype.TimetzOID:      true,
	pgtype.TimestampOID:   true,
	pgtype.TimestamptzOID: true,
	pgtype.IntervalOID:    true,
	pgtype.UUIDOID:        true,
	pgtype.JSONOID:        true,
	pgtype.JSONBOID:       true,
	pgtype.BitOID:         true,
	pgtype.VarbitOID:      true,
	pgtype.InetOID:        true,
	pgtype.CIDROID:        true,
	pgtype.MacaddrOID:     true,
	pgtype.Macaddr8OID:    true,
	pgtype.PointOID:       true,
	pgtype.LsegOID:        true,
	pgtype.PathOID:        true,
	pgtype.BoxOID:         true,
	pgtype.PolygonOID:     true,
	pgtype.LineOID:        true,
	pgtype.CircleOID:      true,
	pgtype.TSVectorOID:    true,
	pgtype.Int4rangeOID:   true,
	pgtype.Int8rangeOID:   true,
	pgtype.NumrangeOID:    true,
	pgtype.TsrangeOID:     true,
	pgtype.TstzrangeOID:   true,
	pgtype.DaterangeOID:   true,
	3220:                  true, // pg_lsn
}

// orderedTypes compare everywhere as their values do.
var orderedTypes = map[uint32]bool{
	pgtype.Int2OID:        true,
	pgtype.Int4OID:        true,
	pgtype.Int8OID:        true,
	pgtype.UUIDOID:        true,
	pgtype.DateOID:        true,
	pgtype.TimestampOID:   true,
	pgtype.TimestamptzOID: true,
	pgtype.ByteaOID:       true,
}

// bytewiseEncodings keep their order when text is converted to UTF-8, or are
// not converted at all.
var bytewiseEncodings = map[string]bool{"UTF8": true, "LATIN1": true, "SQL_ASCII": true}

// stable says whether the binary form of a type, of which element is that of an
// array, is the same on every server.
func stable(base, element uint32) bool {
	if element != 0 {
		return stableTypes[element]
	}
	return stableTypes[base]
}

// ordered says whether a client can compare values of a type as the server does.
func ordered(base uint32, bytewise bool, encoding string) bool {
	if base == pgtype.TextOID || base == pgtype.VarcharOID {
		return bytewise && bytewiseEncodings[encoding]
	}
	return orderedTypes[base]
}
