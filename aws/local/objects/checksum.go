package objects

import (
	"bufio"
	"crypto/sha1" //nolint:gosec // S3 offers it as a checksum
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"io"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"

	"github.com/johannesboyne/gofakes3"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

const checksumPrefix = "X-Amz-Checksum-"

// nvme is the polynomial of CRC64NVME, reversed.
const nvme = 0x9a6c9329ac4bc9b5

// checksums are the algorithms by the header that carries their sum.
var checksums = map[string]func() hash.Hash{
	checksumPrefix + "Crc32":     func() hash.Hash { return crc32.NewIEEE() },
	checksumPrefix + "Crc32c":    func() hash.Hash { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) },
	checksumPrefix + "Crc64nvme": func() hash.Hash { return crc64.New(crc64.MakeTable(nvme)) },
	checksumPrefix + "Sha1":      sha1.New,
	checksumPrefix + "Sha256":    sha256.New,
}

func isChecksum(header string) bool { return checksums[header] != nil }

// checkedBody ends with an error when the bytes have another checksum than
// the caller said.
type checkedBody struct {
	io.ReadCloser
	name, want string
	sum        hash.Hash
}

// Read reads on and checks at the end.
func (c *checkedBody) Read(into []byte) (int, error) {
	n, err := c.ReadCloser.Read(into)
	c.sum.Write(into[:n])
	if errors.Is(err, io.EOF) && base64.StdEncoding.EncodeToString(c.sum.Sum(nil)) != c.want {
		algorithm := strings.ToUpper(strings.TrimPrefix(c.name, checksumPrefix))
		return n, gofakes3.ErrorMessagef(gofakes3.ErrBadDigest, "The %s you specified did not match the calculated checksum.", algorithm)
	}
	return n, err
}

// unchunk copies the bytes of an aws-chunked body and gives its trailer. The
// chunks' signatures are not checked, as no signature is.
func unchunk(to io.Writer, from io.Reader) (size int64, trailer http.Header, err error) {
	in := bufio.NewReader(from)
	lines := textproto.NewReader(in)
	malformed := wire.Errorf("IncompleteBody", "The request body is not in chunks of aws-chunked")
	for {
		line, err := lines.ReadLine()
		if err != nil {
			return 0, nil, malformed
		}
		length, _, _ := strings.Cut(line, ";")
		n, err := strconv.ParseInt(length, 16, 63)
		if err != nil || n < 0 {
			return 0, nil, malformed
		}
		if n == 0 {
			header, err := lines.ReadMIMEHeader()
			if err != nil && !errors.Is(err, io.EOF) {
				return 0, nil, malformed
			}
			return size, http.Header(header), nil
		}
		copied, err := io.CopyN(to, in, n)
		size += copied
		if errors.Is(err, io.EOF) {
			return 0, nil, malformed
		}
		if err != nil {
			return 0, nil, err
		}
		if line, err := lines.ReadLine(); err != nil || line != "" {
			return 0, nil, malformed
		}
	}
}
