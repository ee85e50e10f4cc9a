package ops

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/stepdeck/stepdeck/aws/workflow"
)

// keptTasks is how many stopped tasks are kept, of about 2 KB each; beyond it a
// quarter of them, those written first, make room.
const keptTasks = 4000

const taskSuffix = ".task.json"

// taskMemory is a Tasks that knows stopped tasks for longer than ECS does.
type taskMemory struct {
	Tasks
	folder string
	report func(error)

	mu    sync.Mutex
	saved map[string]bool // by ARN, in this process
	files int             // -1: not counted yet
}

// RememberTasks returns a port that keeps, in folder, what t tells of stopped
// tasks, and tells it again once ECS has forgotten them (AWS: about an hour after
// they stopped). Environments are not kept: they hold the token. What cannot be
// kept is told to report and changes no answer.
func RememberTasks(t Tasks, folder string, report func(error)) Tasks {
	return &taskMemory{Tasks: t, folder: folder, report: report, saved: map[string]bool{}, files: -1}
}

// DescribeTasks fills in the tasks that are missing, if they were seen stopped.
func (m *taskMemory) DescribeTasks(ctx context.Context, cluster string, arns []string) ([]workflow.Task, error) {
	tasks, err := m.Tasks.DescribeTasks(ctx, cluster, arns)
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, t := range tasks {
		switch {
		case t.Missing:
			if kept, ok := m.load(t.ARN); ok {
				tasks[i] = kept
			}
		case t.Gone() && !m.saved[t.ARN]:
			m.save(t)
		}
	}
	return tasks, err
}

func (m *taskMemory) path(arn string) string {
	sum := sha256.Sum256([]byte(arn))
	return filepath.Join(m.folder, hex.EncodeToString(sum[:16])+taskSuffix)
}

func (m *taskMemory) load(arn string) (t workflow.Task, ok bool) {
	text, err := os.ReadFile(m.path(arn))
	if err == nil {
		err = json.Unmarshal(text, &t)
	}
	if err != nil {
		if !errors.Is(err, os.ErrNotExist) {
			m.report(fmt.Errorf("read what was kept of task %s: %w", workflow.TaskID(arn), err))
		}
		return workflow.Task{}, false
	}
	return t, t.ARN == arn
}

// save is given up for the task after one try: a disk that is full stays so.
func (m *taskMemory) save(t workflow.Task) {
	m.saved[t.ARN] = true
	text, err := json.Marshal(t)
	path := m.path(t.ARN)
	if err == nil {
		err = os.MkdirAll(m.folder, 0o700)
	}
	if err == nil {
		err = m.makeRoom()
	}
	if err == nil {
		err = os.WriteFile(path+".new", text, 0o600)
	}
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		m.report(fmt.Errorf("keep what ECS tells of task %s: %w", workflow.TaskID(t.ARN), err))
	}
}

// makeRoom counts one more file, and removes the oldest when there are too many.
func (m *taskMemory) makeRoom() error {
	if m.files++; m.files > 0 && m.files <= keptTasks {
		return nil
	}
	entries, err := os.ReadDir(m.folder)
	if err != nil {
		return err
	}
	var files []os.FileInfo
	for _, e := range entries {
		if info, err := e.Info(); err == nil && strings.HasSuffix(e.Name(), taskSuffix) {
			files = append(files, info)
		}
	}
	m.files = len(files) + 1
	if m.files <= keptTasks {
		return nil
	}
	slices.SortFunc(files, func(a, b os.FileInfo) int {
		return cmp.Or(a.ModTime().Compare(b.ModTime()), cmp.Compare(a.Name(), b.Name()))
	})
	for _, f := range files[:len(files)-keptTasks*3/4] {
		if err := os.Remove(filepath.Join(m.folder, f.Name())); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		m.files--
	}
	return nil
}
