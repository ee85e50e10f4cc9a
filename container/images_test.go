//go:build unix

package container_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"os/exec"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// picture is transparent on its left half.
func picture(width, height int) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := width / 2; x < width; x++ {
			img.Set(x, y, color.NRGBA{R: uint8(x * 3), G: uint8(y * 5), B: 90, A: 255})
		}
	}
	return img
}

func encoded(t *testing.T, img image.Image, format string) []byte {
	t.Helper()
	var out bytes.Buffer
	var err error
	if format == "png" {
		err = png.Encode(&out, img)
	} else {
		err = jpeg.Encode(&out, img, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// images is a bucket with a series below "in", or none where ImageMagick is missing outside CI.
func images(t *testing.T) *bucket {
	t.Helper()
	if _, err := exec.LookPath("convert-im6.q16"); err != nil {
		if _, err := exec.LookPath("magick"); err != nil && os.Getenv("CI") == "" {
			t.Skip("ImageMagick is missing; run .ci/install-test-deps")
		}
	}
	b := newBucket(t)
	b.put("in/a.png", encoded(t, picture(80, 40), "png"))
	b.put("in/deep/B.JPG", encoded(t, picture(40, 80), "jpeg"))
	b.put("in/notes.txt", []byte("not an image"))
	b.put("inner/other.png", encoded(t, picture(8, 8), "png"))
	return b
}

// described is "WIDTHxHEIGHT format" of an object.
func described(t *testing.T, b *bucket, key string) string {
	t.Helper()
	config, format, err := image.DecodeConfig(bytes.NewReader(b.get(key)))
	if err != nil {
		t.Fatalf("%s: %v", key, err)
	}
	return fmt.Sprintf("%dx%d %s", config.Width, config.Height, format)
}

func TestConvertImages(t *testing.T) {
	for _, c := range []struct {
		name    string
		options []string
		want    map[string]string
	}{
		{"as they are", nil, map[string]string{"out/a.png": "80x40 png", "out/deep/B.JPG": "40x80 jpeg"}},
		{"to fit a box", []string{"--size", "20x20"}, map[string]string{"out/a.png": "20x10 png", "out/deep/B.JPG": "10x20 jpeg"}},
		{"to a width", []string{"--size=20x"}, map[string]string{"out/a.png": "20x10 png", "out/deep/B.JPG": "20x40 jpeg"}},
		{"scaled", []string{"--size", "50%"}, map[string]string{"out/a.png": "40x20 png", "out/deep/B.JPG": "20x40 jpeg"}},
		{"to JPEG", []string{"--format", "jpeg", "--quality", "60"}, map[string]string{"out/a.jpg": "80x40 jpeg", "out/deep/B.JPG": "40x80 jpeg"}},
		{"to PNG", []string{"--format", "png"}, map[string]string{"out/a.png": "80x40 png", "out/deep/B.png": "40x80 png"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := images(t)
			before := b.keys()
			got := job(t, b.env(), append([]string{"convert-images", "--from", "s3://backups/in", "--to", "s3://backups/out"}, c.options...)...)
			got.wantEnd(t, 0, "")
			made, bytes := map[string]string{}, 0
			for _, key := range b.keys()[len(before):] {
				made[key] = described(t, b, key)
				bytes += len(b.get(key))
			}
			if diff := cmp.Diff(c.want, made); diff != "" {
				t.Error(diff)
			}
			got.wantOutput(t, map[string]string{"images": "2", "failed": "0", "bytes": fmt.Sprint(bytes), "to": "s3://backups/out/"})
		})
	}
}

func TestTransparencyTurnsWhiteInJPEG(t *testing.T) {
	b := images(t)
	job(t, b.env(), "convert-images", "--from=s3://backups/in", "--to=s3://backups/out", "--format=jpeg").wantEnd(t, 0, "")
	img, err := jpeg.Decode(bytes.NewReader(b.get("out/a.jpg")))
	if err != nil {
		t.Fatal(err)
	}
	if r, g, blue, _ := img.At(5, 20).RGBA(); r < 0xf000 || g < 0xf000 || blue < 0xf000 {
		t.Errorf("what was transparent is %x %x %x, want white", r, g, blue)
	}
}

func TestBrokenImagesFailTheJobAfterTheOthers(t *testing.T) {
	whole := encoded(t, picture(80, 40), "jpeg")
	for name, content := range map[string][]byte{
		"cut short": whole[:len(whole)/2],
		"empty":     {},
		"no image":  []byte("hello"),
		// Some formats that ImageMagick knows can read files and URLs, so the content does not choose the format.
		"another format in disguise": []byte("P3 1 1 255 10 20 30\n"),
	} {
		t.Run(name, func(t *testing.T) {
			b := images(t)
			b.put("in/aa broken.jpg", content)
			got := job(t, b.env(), "convert-images", "--from=s3://backups/in", "--to=s3://backups/out")
			got.wantEnd(t, 65, "1 of 3 images could not be converted (aa broken.jpg)")
			got.wantOutput(t, map[string]string{"images": "2", "failed": "1"})
		})
	}
}

func TestImagesThatWouldShareAName(t *testing.T) {
	b := images(t)
	b.put("in/a.jpg", encoded(t, picture(8, 8), "jpeg"))
	got := job(t, b.env(), "convert-images", "--from=s3://backups/in", "--to=s3://backups/out", "--format=png")
	got.wantEnd(t, 65, "a.png was made of another image already; rename one of them")
}

func TestConvertImagesRefuses(t *testing.T) {
	from, to := "--from=s3://backups/in", "--to=s3://backups/out"
	for _, c := range []struct {
		name     string
		words    []string
		code     int
		sentence string
	}{
		{"nothing to convert", []string{"--from=s3://backups/none", to}, 66, "no .jpg, .jpeg or .png object is below s3://backups/none/; check --from"},
		{"no target", []string{from}, 64, "give both --from and --to"},
		{"not S3", []string{"--from=/tmp", to}, 64, "--from is /tmp; give s3://BUCKET/PREFIX"},
		{"two lines", []string{from, "--to=s3://backups/out\nimages=9"}, 64, "give s3://BUCKET/PREFIX"},
		{"onto itself", []string{from, "--to=s3://backups/in/"}, 64, "the originals would be lost"},
		{"size", []string{from, to, "--size=big"}, 64, "--size is big; give WxH up to 99999, or N%"},
		{"format", []string{from, to, "--format=gif"}, 64, "--format is gif; give jpeg or png"},
		{"quality", []string{from, to, "--quality=101"}, 64, "--quality is 101; give a whole number from 1 to 100"},
		{"unknown option", []string{from, to, "--sepia"}, 64, "unknown option --sepia"},
		{"a stray word", []string{from, to, "now"}, 64, "now is one word too many"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := images(t)
			before := b.keys()
			job(t, b.env(), append([]string{"convert-images"}, c.words...)...).wantEnd(t, c.code, c.sentence)
			if diff := cmp.Diff(before, b.keys()); diff != "" {
				t.Error(diff)
			}
		})
	}
}
