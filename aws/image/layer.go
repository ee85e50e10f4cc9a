package image

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/stepdeck/stepdeck/aws/ops"
)

// epoch is the time of everything in an image: the time of a build would change the digest.
var epoch = time.Unix(0, 0).UTC()

// files is a layer as it is written. Parents come before what is in them, each once.
type files struct {
	out  *tar.Writer
	text bytes.Buffer
	seen map[string]bool
}

func newFiles() *files {
	f := &files{seen: map[string]bool{}}
	f.out = tar.NewWriter(&f.text)
	return f
}

// folder adds a folder and those above it.
func (f *files) folder(name string, owner int) error {
	if name == "." || f.seen[name] {
		return nil
	}
	if err := f.folder(path.Dir(name), 0); err != nil {
		return err
	}
	f.seen[name] = true
	return f.out.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: name + "/", Mode: 0o755, Uid: owner, Gid: owner, ModTime: epoch, Format: tar.FormatPAX})
}

func (f *files) file(name string, mode int64, content []byte) error {
	if err := f.folder(path.Dir(name), 0); err != nil {
		return err
	}
	header := &tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: mode, Size: int64(len(content)), ModTime: epoch, Format: tar.FormatPAX}
	if err := f.out.WriteHeader(header); err != nil {
		return err
	}
	_, err := f.out.Write(content)
	return err
}

// layer ends the writing.
func (f *files) layer(mediaType types.MediaType) (v1.Layer, error) {
	if err := f.out.Close(); err != nil {
		return nil, err
	}
	text := f.text.Bytes()
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil },
		tarball.WithMediaType(mediaType), tarball.WithCompressionLevel(gzip.DefaultCompression), tarball.WithCompressedCaching)
}

// scripts adds the jobs of a folder below another, in order of their names.
func (f *files) scripts(jobs fs.FS, below string) (count int, err error) {
	err = fs.WalkDir(jobs, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return refuse(ops.Usage, err, "make it readable", "the scripts folder cannot be read at %s", name)
		case name != "." && strings.HasPrefix(entry.Name(), "."):
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case entry.IsDir():
			return f.folder(path.Join(below, name), 0)
		case !entry.Type().IsRegular():
			return refuse(ops.Usage, nil, "put a file in its place: the image takes no links", "%s in the scripts folder is not a file", name)
		}
		content, err := fs.ReadFile(jobs, name)
		if err != nil {
			return refuse(ops.Usage, err, "make it readable", "%s in the scripts folder cannot be read", name)
		}
		count++
		return f.file(path.Join(below, name), mode(entry, content), content)
	})
	return count, err
}

// mode lets a job run: what its folder lets run, and what begins as a script does. An embedded
// folder forgets which of its files may.
func mode(entry fs.DirEntry, content []byte) int64 {
	info, err := entry.Info()
	if err == nil && info.Mode()&0o111 != 0 || bytes.HasPrefix(content, []byte("#!")) {
		return 0o755
	}
	return 0o644
}

// programLayer has the entrypoint and the folder that tasks may write to.
func programLayer(steprun []byte, mediaType types.MediaType) (v1.Layer, error) {
	f := newFiles()
	err := f.file(programFolder+"/steprun", 0o755, steprun)
	if err == nil {
		err = f.folder(workFolder, user)
	}
	if err != nil {
		return nil, fmt.Errorf("the layer of the entrypoint: %w", err)
	}
	return f.layer(mediaType)
}

// scriptLayer has the jobs of a folder.
func scriptLayer(jobs fs.FS, below string, mediaType types.MediaType) (v1.Layer, error) {
	f := newFiles()
	count, err := f.scripts(jobs, below)
	if err != nil {
		return nil, err
	}
	if count == 0 {
		return nil, refuse(ops.Usage, nil, "name the folder that has the jobs", "the scripts folder has no script")
	}
	return f.layer(mediaType)
}
