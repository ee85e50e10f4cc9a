package screen

import (
	"net/url"
	"strings"

	"github.com/stepdeck/stepdeck/aws/workflow"
)

// webHosts are the web consoles of AWS's partitions.
var webHosts = map[string]string{
	"aws":        "console.aws.amazon.com",
	"aws-us-gov": "console.amazonaws-us-gov.com",
	"aws-cn":     "console.amazonaws.cn",
}

// webPage is a page of the web console of the ARN's partition and region; it
// is empty on local AWS and in partitions whose console is not known.
func (c *Console) webPage(arn, page string) string {
	parts := strings.SplitN(arn, ":", 5)
	if len(parts) < 5 || c.Place.Local || c.Place.Endpoint != "" {
		return ""
	}
	host := webHosts[parts[1]]
	if host == "" {
		return ""
	}
	region := parts[3]
	return "https://" + region + "." + host + strings.ReplaceAll(page, "{region}", region)
}

// runPage is a run's page in the web console.
func (c *Console) runPage(arn string) string {
	return c.webPage(arn, "/states/home?region={region}#/v2/executions/details/"+url.PathEscape(arn))
}

// machinePage is a machine's page in the web console.
func (c *Console) machinePage(arn string) string {
	return c.webPage(arn, "/states/home?region={region}#/statemachines/view/"+url.PathEscape(arn))
}

// logPage is a log stream's page in the web console, whose address has names
// escaped twice and $ for %.
func (c *Console) logPage(ref workflow.LogRef) string {
	if ref.Stream == "" {
		return ""
	}
	arn := ref.TaskARN
	if parts := strings.SplitN(arn, ":", 5); ref.Region != "" && len(parts) == 5 {
		parts[3] = ref.Region
		arn = strings.Join(parts, ":")
	}
	escape := func(name string) string {
		return strings.ReplaceAll(url.PathEscape(url.PathEscape(name)), "%", "$")
	}
	return c.webPage(arn, "/cloudwatch/home?region={region}#logsV2:log-groups/log-group/"+escape(ref.Group)+"/log-events/"+escape(ref.Stream))
}
