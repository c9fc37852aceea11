"""The app on a desktop: a device with a data set's history, and friends who are really there.

The friends are libp2p nodes on loopback, in a process of their own that ends with the app's.
Nothing of this goes onto a phone.
"""
