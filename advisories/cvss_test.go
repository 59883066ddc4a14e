package advisories

import "testing"

func TestScoreIsTheBaseScoreOfTheBestVector(t *testing.T) {
	const (
		v30 = "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
		v31 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"
		v40 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"
	)
	tests := []struct {
		name  string
		c     CVSS
		score float64
		best  string
	}{
		{"none", CVSS{}, 0, ""},
		{"3.0", CVSS{V31: v30}, 9.8, v30},
		{"3.1", CVSS{V31: v31}, 7.5, v31},
		{"3.1 with what changes in time", CVSS{V31: v31 + "/E:U/RL:O/RC:U"}, 7.5, v31 + "/E:U/RL:O/RC:U"},
		{"4.0", CVSS{V40: v40}, 9.3, v40},
		{"4.0 before 3.1", CVSS{V31: v31, V40: v40}, 9.3, v40},
		{"4.0 with what changes in time and place", CVSS{V40: v40 + "/E:U/CR:L/IR:L/AR:L/AU:N"}, 9.3, v40 + "/E:U/CR:L/IR:L/AR:L/AU:N"},
	}
	for _, tt := range tests {
		if got := tt.c.Score(); got != tt.score {
			t.Errorf("%s: score %v, want %v", tt.name, got, tt.score)
		}
		if got := tt.c.Best(); got != tt.best {
			t.Errorf("%s: best %q, want %q", tt.name, got, tt.best)
		}
	}
}

func TestBaseScoreRefusesWhatIsNoVector(t *testing.T) {
	for _, vector := range []string{"CVSS:2.0/AV:N", "AV:N/AC:L", "CVSS:3.1/", "CVSS:4.0/AV:N", "CVSS:3.0/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"} {
		if score, err := baseScore(vector); err == nil {
			t.Errorf("%s: score %v, want an error", vector, score)
		}
	}
}

func TestRatingAtItsBounds(t *testing.T) {
	for score, want := range map[float64]string{
		0: "none", 0.1: "low", 3.9: "low", 4: "medium", 6.9: "medium", 7: "high", 8.9: "high", 9: "critical", 10: "critical",
	} {
		if got := rating(score); got != want {
			t.Errorf("%v is %s, want %s", score, got, want)
		}
	}
}
