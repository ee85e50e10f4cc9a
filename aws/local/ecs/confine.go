package ecs

import "encoding/json"

// writableFolders are where volumes are mounted that may be written to. What
// is not as AWS wants it was refused when the definition was registered.
func (c ContainerDefinition) writableFolders() []string {
	var folders []string
	for _, text := range c.MountPoints {
		var mount struct {
			ContainerPath string `json:"containerPath"`
			ReadOnly      bool   `json:"readOnly"`
		}
		if json.Unmarshal(text, &mount) == nil && mount.ContainerPath != "" && !mount.ReadOnly {
			folders = append(folders, mount.ContainerPath)
		}
	}
	return folders
}

// droppedCapabilities are those of linuxParameters.
func (c ContainerDefinition) droppedCapabilities() []string {
	var parameters struct {
		Capabilities struct {
			Drop []string `json:"drop"`
		} `json:"capabilities"`
	}
	if len(c.LinuxParameters) == 0 || json.Unmarshal(c.LinuxParameters, &parameters) != nil {
		return nil
	}
	return parameters.Capabilities.Drop
}
