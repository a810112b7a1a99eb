// The guest's side of plugin ABI 1: memory, messages, the log, the exports. Keep this file as it is; what makes a plugin
// stands in plugin.go.
package main

import (
	"encoding/json"
	"unsafe"
)

// A reactor has no main program: its functions are called from outside, for as long as its memory lives.
func main() {}

//go:wasmimport env host_log
func log(message string)

// ---- Memory. What only the host points to is garbage to Go, so each block stays in the map until it is freed. ----

var blocks = map[uint32][]byte{}

func keep(block []byte) uint32 {
	pointer := uint32(uintptr(unsafe.Pointer(unsafe.SliceData(block))))
	blocks[pointer] = block
	return pointer
}

//go:wasmexport malloc
func malloc(size uint32) uint32 { return keep(make([]byte, max(size, 1))) }

//go:wasmexport free
func free(pointer uint32) { delete(blocks, pointer) }

// The bytes of a span that the host wrote, and frees.
func take(span uint64) []byte { return blocks[uint32(span>>32)][:uint32(span)] }

// Text as a span for the host, which frees it.
func give(text string) uint64 {
	if text == "" {
		return 0 // nobody frees an empty span
	}
	return uint64(keep([]byte(text)))<<32 | uint64(len(text))
}

// ---- The exports ----

//go:wasmexport name
func name() uint64 { return give(pluginName) }

//go:wasmexport metadata
func metadata() uint64 { return give(pluginMetadata) }

//go:wasmexport tools
func tools() uint64 { return give(pluginTools) }

//go:wasmexport healthy
func healthy() int32 { return 1 }

//go:wasmexport configure
func configure(span uint64) uint64 {
	var settings map[string]string
	if err := json.Unmarshal(take(span), &settings); err != nil {
		return give(err.Error())
	}
	if err := onConfigure(settings); err != nil {
		return give(err.Error())
	}
	return 0
}

//go:wasmexport execute
func execute(span uint64) uint64 {
	var call struct {
		Tool string          `json:"tool_name"`
		Args json.RawMessage `json:"args"`
	}
	var answer struct {
		Data    string `json:"data"`
		IsError bool   `json:"is_error,omitempty"`
	}
	err := json.Unmarshal(take(span), &call)
	if err == nil {
		answer.Data, err = onExecute(call.Tool, call.Args)
	}
	if err != nil {
		answer.Data, answer.IsError = err.Error(), true
	}
	text, err := json.Marshal(answer)
	if err != nil {
		panic(err)
	}
	return give(string(text))
}
