package advisories

import (
	"fmt"
	"strings"

	gocvss30 "github.com/pandatix/go-cvss/30"
	gocvss31 "github.com/pandatix/go-cvss/31"
	gocvss40 "github.com/pandatix/go-cvss/40"
)

// Best is the vector that counts: version 4.0 where there is one. It is empty when
// there is none.
func (c CVSS) Best() string {
	if c.V40 != "" {
		return c.V40
	}
	return c.V31
}

// Score is the base score of the best vector, from 0 to 10; 0 without one.
func (c CVSS) Score() float64 {
	score, err := baseScore(c.Best())
	if err != nil {
		return 0 // Load refuses such a vector
	}
	return score
}

// baseScore leaves out what a vector says of threat and environment, which change
// with time and place.
func baseScore(vector string) (float64, error) {
	switch {
	case vector == "":
		return 0, nil
	case strings.HasPrefix(vector, "CVSS:3.0/"):
		v, err := gocvss30.ParseVector(vector)
		if err != nil {
			return 0, err
		}
		return v.BaseScore(), nil
	case strings.HasPrefix(vector, "CVSS:3.1/"):
		v, err := gocvss31.ParseVector(vector)
		if err != nil {
			return 0, err
		}
		return v.BaseScore(), nil
	case strings.HasPrefix(vector, "CVSS:4.0/"):
		return baseScore40(vector)
	}
	return 0, fmt.Errorf("%q does not begin with CVSS:3.0/, CVSS:3.1/ or CVSS:4.0/", vector)
}

// baseScore40 scores the base metrics alone: the library scores all that it is given.
func baseScore40(vector string) (float64, error) {
	if _, err := gocvss40.ParseVector(vector); err != nil {
		return 0, err
	}
	metrics := strings.Split(vector, "/")
	base := []string{metrics[0]} // CVSS:4.0
	for _, metric := range metrics[1:] {
		switch name, _, _ := strings.Cut(metric, ":"); name {
		case "AV", "AC", "AT", "PR", "UI", "VC", "VI", "VA", "SC", "SI", "SA":
			base = append(base, metric)
		}
	}
	v, err := gocvss40.ParseVector(strings.Join(base, "/"))
	if err != nil {
		return 0, err
	}
	return v.Score(), nil
}

// rating is the word for a score, in the terms that every version of CVSS shares.
func rating(score float64) string {
	switch {
	case score >= 9:
		return "critical"
	case score >= 7:
		return "high"
	case score >= 4:
		return "medium"
	case score > 0:
		return "low"
	}
	return "none"
}

// Severity is the word for the best vector: low, medium, high or critical. It is empty
// when there is none, or when it scores 0.
func (c CVSS) Severity() string {
	if score := c.Score(); score > 0 {
		return rating(score)
	}
	return ""
}
