package main

import (
	"debug/elf"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
)

// install lays the program out as `make build` does, beside the entrypoint, and
// has the commands that run in this process find an entrypoint for the image.
func install() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	program, err := os.ReadFile(self)
	if err != nil {
		return err
	}
	forImage := filepath.Join(rig.Programs(), "image")
	return errors.Join(
		os.WriteFile(installed(), program, 0o700),
		os.WriteFile(rig.Steprun()+"-amd64", hollow(), 0o700),
		os.Mkdir(forImage, 0o700),
		os.WriteFile(filepath.Join(forImage, "steprun"), hollow(), 0o700),
		os.Setenv("PATH", forImage+":"+os.Getenv("PATH")),
	)
}

// installed is the path of stepdeck.
func installed() string { return filepath.Join(rig.Programs(), "stepdeck") }

// hollow is a static Linux program without code. Tasks that are processes run
// nothing from the image, and the race detector makes packing the entrypoint for
// each of them take longer than all else.
func hollow() []byte {
	header := elf.Header64{
		Ident:   [elf.EI_NIDENT]byte{0x7f, 'E', 'L', 'F', byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT)},
		Type:    uint16(elf.ET_EXEC),
		Machine: uint16(elf.EM_X86_64),
		Version: uint32(elf.EV_CURRENT), Ehsize: 64, Phoff: 64, Phentsize: 56,
	}
	text := make([]byte, binary.Size(header))
	_, _ = binary.Encode(text, binary.LittleEndian, header) // it has the header's size
	return text
}
