package advisories

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// EPSS is a score of the Exploit Prediction Scoring System.
type EPSS struct {
	Score      float64 // probability of exploitation within 30 days, 0 to 1
	Percentile float64 // share of CVEs that score the same or less, 0 to 1
}

// Scores is a file of EPSS scores.
type Scores struct {
	Header string // the comment line with model and day, without "#"; may be empty
	Date   string // the day of it, "2026-08-07"; empty when it is not stated
	ByCVE  map[string]EPSS
}

var (
	epssColumns = []string{"cve", "epss", "percentile"}
	scoreDate   = regexp.MustCompile(`(?:^|,)score_date:(\d{4}-\d\d-\d\d)`)
)

// ParseEPSS reads scores as FIRST publishes them: a comment line such as
// "#model_version:v2025.03.14,score_date:2026-08-07T12:55:00Z", the names of the columns
// cve, epss and percentile, and a line a CVE.
func ParseEPSS(r io.Reader) (Scores, error) {
	scores := Scores{ByCVE: map[string]EPSS{}}
	buffered := bufio.NewReader(r)
	if first, err := buffered.Peek(1); err == nil && first[0] == '#' {
		line, err := buffered.ReadString('\n')
		if err != nil {
			return scores, errors.New("ends in its first line")
		}
		scores.Header = strings.TrimSpace(strings.TrimPrefix(line, "#"))
		if m := scoreDate.FindStringSubmatch(scores.Header); m != nil {
			scores.Date = m[1]
		}
		if err := day("score_date", scores.Date); err != nil {
			return scores, err
		}
	}
	rows := csv.NewReader(buffered)
	rows.FieldsPerRecord = len(epssColumns)
	columns, err := rows.Read()
	if err != nil {
		return scores, fmt.Errorf("holds no EPSS scores: %w", err)
	}
	if !slices.Equal(columns, epssColumns) {
		return scores, fmt.Errorf("the columns are %s; they are %s", strings.Join(columns, ","), strings.Join(epssColumns, ","))
	}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return scores, nil
		}
		if err != nil {
			return scores, err
		}
		if err := scores.add(row); err != nil {
			line, _ := rows.FieldPos(0)
			return scores, fmt.Errorf("line %d of the table: %w", line, err)
		}
	}
}

func (s *Scores) add(row []string) error {
	if !cveForm.MatchString(row[0]) {
		return fmt.Errorf("%q is no CVE", row[0])
	}
	if _, twice := s.ByCVE[row[0]]; twice {
		return fmt.Errorf("%s is there twice", row[0])
	}
	score, err := share(row[1])
	if err != nil {
		return err
	}
	percentile, err := share(row[2])
	if err != nil {
		return err
	}
	s.ByCVE[row[0]] = EPSS{Score: score, Percentile: percentile}
	return nil
}

// share is a number from 0 to 1.
func share(text string) (float64, error) {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || !(n >= 0 && n <= 1) {
		return 0, fmt.Errorf("%q is no number from 0 to 1", text)
	}
	return n, nil
}
