package supervise

import (
	"os"
	"path/filepath"
	"testing"
)

func TestOOMKillsAreReadFromEitherCgroupVersion(t *testing.T) {
	const events = "low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 0\n"
	const control = "oom_kill_disable 0\nunder_oom 0\noom_kill 4\n"
	cases := map[string]struct {
		self  string
		files map[string]string
		kills int64
		ok    bool
	}{
		"v2, own path":       {"0::/ecs/task\n", map[string]string{"ecs/task/memory.events": events}, 2, true},
		"v2 in a container":  {"0::/ecs/task\n", map[string]string{"memory.events": events}, 2, true},
		"v1, own path":       {"5:cpu:/x\n4:memory:/ecs/task\n", map[string]string{"memory/ecs/task/memory.oom_control": control}, 4, true},
		"v1 in a container":  {"4:memory:/ecs/task\n", map[string]string{"memory/memory.oom_control": control}, 4, true},
		"v1 beside empty v2": {"4:hugetlb,memory:/\n0::/\n", map[string]string{"memory/memory.oom_control": control}, 4, true},
		"old kernel":         {"4:memory:/\n", map[string]string{"memory/memory.oom_control": "under_oom 0\n"}, 0, false},
		"no cgroup":          {"", nil, 0, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			self := filepath.Join(root, "self")
			for path, text := range c.files {
				put(t, filepath.Join(root, path), text)
			}
			put(t, self, c.self)
			if kills, ok := oomKills(root, self); kills != c.kills || ok != c.ok {
				t.Fatalf("got %d, %t; want %d, %t", kills, ok, c.kills, c.ok)
			}
		})
	}
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
