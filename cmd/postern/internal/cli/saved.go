package cli

import (
	"fmt"
	"os"

	"postern/report"
	"postern/scanner/finding"
)

// savedReport is a report that is being read; its errors name the file.
type savedReport struct {
	*report.Reader
	file *os.File
}

// openSaved opens what the json format wrote, up to its first result.
func openSaved(name string) (*savedReport, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	reader, err := report.NewReader(file)
	if err != nil {
		_ = file.Close() // the first error is the one to tell
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &savedReport{reader, file}, nil
}

// each passes every result on and returns the summary.
func (s *savedReport) each(take func(finding.Result) error) (finding.Summary, error) {
	summary, err := s.Each(take)
	if err != nil {
		return summary, fmt.Errorf("%s: %w", s.file.Name(), err)
	}
	return summary, nil
}

func (s *savedReport) close() { _ = s.file.Close() } // nothing was written to it
