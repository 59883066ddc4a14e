package scanner

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/scanner/finding"
)

func shardList(t *testing.T, text string) *List {
	t.Helper()
	l, err := ParseList("list.txt", strings.NewReader(text), ListOptions{})
	require.NoError(t, err)
	return l
}

// sharedOut is who gets what: the target by its position, to the shard.
func sharedOut(l *List, of int) (byPosition map[int64]string, shardOf map[string]int) {
	byPosition, shardOf = map[int64]string{}, map[string]int{}
	for index := 1; index <= of; index++ {
		for t := range l.Shard(finding.Shard{Index: index, Of: of}).All() {
			name := fmt.Sprintf("%s:%d@%s", t.Host, t.Port, t.Address)
			byPosition[t.Position], shardOf[name] = name, index
		}
	}
	return byPosition, shardOf
}

func TestShardsShareOutTheWholeList(t *testing.T) {
	l := shardList(t, "vpn.example.org\n10.0.0.0/22\nvpn.example.net:8443@192.0.2.7:443\n2001:db8::/120\n10.0.1.0/24:8443\n")
	for _, of := range []int{1, 2, 7, 64} {
		byPosition, _ := sharedOut(l, of)
		require.Len(t, byPosition, int(l.Count()), "of %d", of)
		position, count := int64(0), uint64(0)
		for target := range l.All() {
			position++
			require.Zero(t, target.Position, "only shards number their targets")
			require.Equal(t, fmt.Sprintf("%s:%d@%s", target.Host, target.Port, target.Address), byPosition[position])
		}
		for index := 1; index <= of; index++ {
			part := l.Shard(finding.Shard{Index: index, Of: of})
			count += part.Count()
			positions := []int64{}
			for target := range part.All() {
				positions = append(positions, target.Position)
			}
			require.True(t, slices.IsSorted(positions))
			require.Len(t, positions, int(part.Count()))
		}
		require.Equal(t, l.Count(), count)
	}
}

// Nobody gets much more than the others, whatever the pattern of the addresses.
func TestShardsAreEven(t *testing.T) {
	for _, text := range []string{"10.0.0.0/18\n", "2001:db8::/114\n"} {
		l := shardList(t, text)
		for _, of := range []int{2, 7, 16} {
			fair := float64(l.Count()) / float64(of)
			for index := 1; index <= of; index++ {
				got := float64(l.Shard(finding.Shard{Index: index, Of: of}).Count())
				require.InDelta(t, fair, got, 0.12*fair, "%s: shard %d of %d", text, index, of)
			}
		}
	}
}

// The shard of a target depends on its host alone.
func TestShardIsThatOfTheHost(t *testing.T) {
	_, alone := sharedOut(shardList(t, "vpn.example.org:443\n192.0.2.7:443\n"), 7)
	_, among := sharedOut(shardList(t, "a.example\n10.0.0.0/24\n192.0.2.7:443\nb.example\nvpn.example.org:443\n"), 7)
	for name, shard := range alone {
		require.Equal(t, shard, among[name], "%s depends on the rest of the list", name)
	}
	for _, same := range []string{
		"192.0.2.7\n192.0.2.7:8443\n::ffff:192.0.2.7:10443\nhttps://192.0.2.7:4433/\nvpn.example.net@192.0.2.7\nvpn.example.net:1@192.0.2.7:4444\n192.0.2.7/32:99\n",
		"vpn.example.org\nVPN.example.org:8443\nhttps://vpn.example.org:9443/x\na.example@vpn.example.org\n",
		"2001:db8::1\n[2001:0DB8:0::1]:8443\nvpn.example@[2001:db8::1]:443\n2001:db8::1/128:10443\n",
	} {
		text := strings.ReplaceAll(same, "::ffff:192.0.2.7:10443", "[::ffff:192.0.2.7]:10443")
		l := shardList(t, text)
		require.Equal(t, strings.Count(text, "\n"), int(l.Count()))
		_, shards := sharedOut(l, 997)
		numbers := map[int]bool{}
		for _, shard := range shards {
			numbers[shard] = true
		}
		require.Len(t, numbers, 1, "%v", shards)
	}
}

// The numbers are a promise: parts made by programs of the same version on other machines
// must fit together.
func TestShardNumbersStay(t *testing.T) {
	_, shards := sharedOut(shardList(t, "vpn.example.org:443\n192.0.2.7:443\n[2001:db8::1]:443\n"), 1000)
	require.Equal(t, map[string]int{"192.0.2.7:443@": 505, "2001:db8::1:443@": 654, "vpn.example.org:443@": 300}, shards)
}

func TestDigestTellsListsApart(t *testing.T) {
	digest := func(file, text string, exclude ...string) string {
		t.Helper()
		ex, err := ParseExclusions("", strings.NewReader(strings.Join(exclude, "\n")))
		require.NoError(t, err)
		l, err := ParseList(file, strings.NewReader(text), ListOptions{Exclude: ex})
		require.NoError(t, err)
		whole, err := l.Digest()
		require.NoError(t, err)
		part, err := l.Shard(finding.Shard{Index: 1, Of: 3}).Digest()
		require.NoError(t, err)
		require.Equal(t, whole, part, "a shard has the digest of the whole list")
		return whole
	}
	base := digest("a.txt", "vpn.example.org # owner=netops\n10.0.0.0/24\n")
	require.Equal(t, base, digest("b.txt", "vpn.example.org # owner=netops\n10.0.0.0/24\n"), "the name of the file is not the list")
	for what, other := range map[string]string{
		"order": digest("a.txt", "10.0.0.0/24\nvpn.example.org # owner=netops\n"),
		"owner": digest("a.txt", "vpn.example.org # owner=other\n10.0.0.0/24\n"),
		"range": digest("a.txt", "vpn.example.org # owner=netops\n10.0.0.0/25\n"),
		"holes": digest("a.txt", "vpn.example.org # owner=netops\n10.0.0.0/24\n", "10.0.0.9"),
	} {
		require.NotEqual(t, base, other, what)
	}
}
