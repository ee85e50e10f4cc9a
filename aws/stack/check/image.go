package check

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/stepdeck/stepdeck/aws/stack/template"
)

const digest = "@sha256:"

func imagesByTag(c *checker) {
	c.containers(func(_ template.Resource, container *yaml.Node) {
		image := template.Field(container, "Image")
		if image != nil && !c.byDigest(image) {
			c.at(image, "the image is named by a tag, so a push changes runs unseen and a deployment changes nothing; name it by digest (%s…)", digest)
		}
	})
}

// byDigest tells whether an image is named by digest, or can only be so: a parameter's pattern asks for one. With
// Fn::If one branch may be a placeholder until there is an image.
func (c *checker) byDigest(n *yaml.Node) bool {
	function, argument := template.Function(n)
	items := template.Items(argument)
	switch {
	case function == "Fn::If" && len(items) == 3:
		return c.byDigest(items[1]) || c.byDigest(items[2])
	case function == "Fn::Sub" && len(items) > 0:
		return strings.Contains(items[0].Value, digest)
	case function == "Ref":
		for _, p := range c.template.Parameters() {
			if p.Name == template.Text(argument) {
				return strings.Contains(p.AllowedPattern, digest)
			}
		}
		return false
	}
	return strings.Contains(template.Text(n), digest)
}

func publicRepositories(c *checker) {
	c.each(func(r template.Resource) {
		c.at(name(r), "%s is public: the world can pull the image, and it exists in us-east-1 alone; use AWS::ECR::Repository", r.Name)
	}, "AWS::ECR::PublicRepository")
}

func mutableRepositories(c *checker) {
	c.each(func(r template.Resource) {
		n := template.Field(r.Properties, "ImageTagMutability")
		if template.Text(n) != "IMMUTABLE" {
			c.at(place(n, name(r)), "a tag of %s can be pushed again, so it does not tell what ran; set ImageTagMutability: IMMUTABLE", r.Name)
		}
	}, "AWS::ECR::Repository")
}

func unprunedRepositories(c *checker) {
	c.each(func(r template.Resource) {
		if template.Field(r.Properties, "LifecyclePolicy") == nil {
			c.at(name(r), "%s keeps every image for ever; add a LifecyclePolicy", r.Name)
		}
	}, "AWS::ECR::Repository")
}
