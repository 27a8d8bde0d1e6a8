package largeobject

import (
	"context"
	_ "embed"

	"github.com/jackc/pgx/v5"

	"sluice/planner/catalog"
)

var (
	//go:embed sql/page.sql
	pageSQL string
	//go:embed sql/grants.sql
	grantsSQL string
	//go:embed sql/pieces.sql
	piecesSQL string
)

// page is as many objects as a transaction takes, in the order of their OIDs.
type page struct {
	objects []object
	last    bool
}

// next reads the page after another one.
func next(ctx context.Context, tx pgx.Tx, after page, grants bool) (page, error) {
	var from int64 // OIDs begin at 1
	if n := len(after.objects); n > 0 {
		from = int64(after.objects[n-1].OID)
	}
	rows, err := tx.Query(ctx, pageSQL, from, batchObjects)
	if err != nil {
		return page{}, err
	}
	objects, err := pgx.CollectRows(rows, pgx.RowToStructByNameLax[object])
	if err != nil {
		return page{}, err
	}
	p := page{objects: objects, last: len(objects) < batchObjects}
	if grants {
		err = p.readGrants(ctx, tx)
	}
	return p, err
}

type grantRow struct {
	OID              uint32
	RevokedFromOwner bool
	catalog.Grant
}

func (p page) readGrants(ctx context.Context, tx pgx.Tx) error {
	byOID := map[uint32]*object{}
	for i := range p.objects {
		byOID[p.objects[i].OID] = &p.objects[i]
	}
	rows, err := tx.Query(ctx, grantsSQL, oids(p.objects))
	if err != nil {
		return err
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByNameLax[grantRow])
	for _, row := range list {
		o := byOID[row.OID]
		if o.grants == nil {
			o.grants = &catalog.Grants{RevokedFromOwner: row.RevokedFromOwner}
		}
		if row.Privilege != "" {
			o.grants.List = append(o.grants.List, row.Grant)
		}
	}
	return err
}

// pieces calls each for the data of the objects, piece by piece, in order.
func pieces(ctx context.Context, tx pgx.Tx, objects []object, each func(piece) error) error {
	rows, err := tx.Query(ctx, piecesSQL, pgx.QueryResultFormats{pgx.BinaryFormatCode}, oids(objects), sizes(objects))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var p piece
		if err := rows.Scan(&p.oid, &p.offset, &p.data); err != nil {
			return err
		}
		if err := each(p); err != nil {
			return err
		}
	}
	return rows.Err()
}

// piece of an object's data.
type piece struct {
	oid    uint32
	offset int64
	data   []byte
}

// oids as parameters: bigint is what an OID fits into.
func oids(objects []object) []int64 {
	list := make([]int64, len(objects))
	for i, o := range objects {
		list[i] = int64(o.OID)
	}
	return list
}

func sizes(objects []object) []int64 {
	list := make([]int64, len(objects))
	for i, o := range objects {
		list[i] = o.Size
	}
	return list
}
