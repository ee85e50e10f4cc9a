package wire

import (
	"encoding/xml"
	"strings"
)

// ec2Response is <ActionResponse><requestId>… with the members beside it.
type ec2Response struct {
	XMLName   xml.Name
	RequestID string `xml:"requestId"`
	Members   string `xml:",innerxml"`
}

func newEC2Response(name xml.Name, call Call, members any) (ec2Response, error) {
	text, err := xml.Marshal(queryResult{XMLName: xml.Name{Local: "members"}, Value: members})
	if err != nil {
		return ec2Response{}, err
	}
	inner := strings.TrimSuffix(strings.TrimPrefix(string(text), "<members>"), "</members>")
	return ec2Response{XMLName: name, RequestID: call.RequestID, Members: inner}, nil
}

type ec2Error struct {
	XMLName   xml.Name `xml:"Response"`
	Code      string   `xml:"Errors>Error>Code"`
	Message   string   `xml:"Errors>Error>Message"`
	RequestID string   `xml:"RequestID"`
}
