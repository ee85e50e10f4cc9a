package screen

import (
	"net/url"
	"strings"
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
