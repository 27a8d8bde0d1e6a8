//go:build race

package replay

// raced: with the race detector, which makes all slower.
const raced = true
