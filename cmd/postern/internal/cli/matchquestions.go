package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"postern/fingerprints"
	"postern/scanner/version"
)

// matchQuestion is one product and version to judge.
type matchQuestion struct {
	product fingerprints.Product
	text    string
	may     version.Set
	models  []string // as stated; empty when none is
	able    []string // those that may have the version; empty: any of the product
}

// readQuestions checks every product and version before the first verdict is written.
func (c *Command) readQuestions(know knowledge, lists list, args []string, model string) ([]matchQuestion, error) {
	switch {
	case len(lists) > 0 && len(args) > 0:
		return nil, errors.New("match: give either PRODUCT VERSION or -l FILE, not both")
	case len(lists) > 0 && model != "":
		return nil, errors.New("match: -model is for PRODUCT VERSION; in a list, the model is the third column")
	case len(lists) == 0 && len(args) != 2:
		return nil, errors.New("match: give PRODUCT VERSION, or a list with -l FILE (see postern match -help)")
	case len(lists) == 0:
		q, err := ask(know, args[0], args[1], model)
		return []matchQuestion{q}, err
	}
	var questions []matchQuestion
	var errs []error
	for _, name := range lists {
		in := c.Stdin
		if name != "-" {
			file, err := os.Open(name)
			if err != nil {
				errs = append(errs, fmt.Errorf("list: %w", err))
				continue
			}
			defer file.Close()
			in = file
		}
		more, err := readQuestionList(know, name, in)
		questions, errs = append(questions, more...), append(errs, err)
	}
	return questions, errors.Join(errs...)
}

func readQuestionList(know knowledge, name string, in io.Reader) ([]matchQuestion, error) {
	var questions []matchQuestion
	var errs []error
	lines := bufio.NewScanner(in)
	for number := 1; lines.Scan(); number++ {
		line := strings.TrimRight(lines.Text(), "\r")
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
			continue
		}
		columns := strings.Split(line, "\t")
		if len(columns) < 2 {
			errs = append(errs, fmt.Errorf("%s:%d: %q has no tab; write product, tab, version and, if known, tab, model", name, number, line))
			continue
		}
		if len(columns) > 3 {
			errs = append(errs, fmt.Errorf("%s:%d: %q has more than three columns; write product, tab, version and, if known, tab, model", name, number, line))
			continue
		}
		q, err := ask(know, strings.TrimSpace(columns[0]), strings.TrimSpace(columns[1]), strings.Join(columns[2:], ""))
		if err != nil {
			errs = append(errs, fmt.Errorf("%s:%d: %w", name, number, err))
			continue
		}
		questions = append(questions, q)
	}
	if err := lines.Err(); err != nil {
		errs = append(errs, fmt.Errorf("%s: %w", name, err))
	}
	return questions, errors.Join(errs...)
}

func ask(know knowledge, id, text, model string) (matchQuestion, error) {
	product, ok := know.catalog.Product(id)
	if !ok {
		return matchQuestion{}, fmt.Errorf("unknown product %q; postern products lists them", id)
	}
	v, err := product.Versions.Parse(text)
	if err != nil {
		return matchQuestion{}, fmt.Errorf("%s: %w", id, err)
	}
	q := matchQuestion{product: product, text: text, may: version.Exactly(v)}
	if strings.TrimSpace(model) == "" {
		q.able = product.ModelsWriting(text)
		return q, nil
	}
	if len(product.Models) == 0 {
		return q, fmt.Errorf("%s: no advisory tells its models apart; leave out the model", id)
	}
	for word := range strings.SplitSeq(model, ",") {
		name, ok := product.FindModel(word)
		if !ok {
			return q, fmt.Errorf("%s: unknown model %q; models are %s", id, strings.TrimSpace(word), strings.Join(product.ModelNames(), ", "))
		}
		if !slices.Contains(q.models, name) {
			q.models = append(q.models, name)
		}
	}
	q.able = q.models
	return q, nil
}
