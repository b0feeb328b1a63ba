// Types the prebuilt bundle of simple-peer under the name by which the bench installs it, so that what is measured is
// the package from the registry whatever the client makes of its own.

declare module 'bench-simple-peer/simplepeer.min.js' {
  import SimplePeer from 'simple-peer'
  export default SimplePeer
}
