package version_test

import (
	"fmt"

	"postern/scanner/version"
)

func Example() {
	affected, err := version.ParseSet(version.FortiOS, ">=7.2.0 <7.2.7 || >=7.4.0 <7.4.3")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, text := range []string{"v7.2.6", "7.2.7", "7.2.6 || 7.2.7"} {
		may, err := version.ParseSet(version.FortiOS, text)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(may.Describe()+":", may.Within(affected), !may.Intersect(affected).IsEmpty())
	}
	// Output:
	// 7.2.6: true true
	// 7.2.7: false false
	// 7.2.6 or 7.2.7: false true
}

func ExamplePrefix() {
	shown, err := version.PANOS.Parse("10.2.9")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(version.Exactly(shown))
	fmt.Println(version.Prefix(shown))
	fmt.Println(version.Prefix(shown).Describe())
	// Output:
	// 10.2.9
	// >=10.2.9 <10.2.10-b1
	// any 10.2.9
}
