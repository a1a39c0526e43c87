# Stands in for helm where there is no cluster: it packs a chart as helm does, and says what it would install.
set -eu
command=$1
shift
case $command in
  package)
    version=; destination=.
    while [ $# -gt 1 ]; do
      case $1 in
        --app-version) version=$2; shift 2 ;;
        --destination) destination=$2; shift 2 ;;
        *) echo "helm: unknown option $1" >&2; exit 1 ;;
      esac
    done
    name=$(sed -n 's/^name: *//p' "$1/Chart.yaml")
    package=$destination/$name-$(sed -n 's/^version: *//p' "$1/Chart.yaml").tgz
    mkdir -p "$destination" "/tmp/$name"
    cp -r "$1/." "/tmp/$name"
    sed -i "s/^appVersion:.*/appVersion: $version/" "/tmp/$name/Chart.yaml"
    tar -czf "$package" -C /tmp "$name"
    echo "Successfully packaged chart and saved it to: $package"
    ;;
  upgrade)
    [ "$1" = --install ] && shift
    release=$1 package=$2
    shift 2
    echo "Release \"$release\" would be upgraded to $(tar -xzOf "$package" "$release/Chart.yaml" | grep ^appVersion) with: $*"
    ;;
  *) echo "helm: unknown command $command" >&2; exit 1 ;;
esac
